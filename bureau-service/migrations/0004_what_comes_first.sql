-- The list has more ranks: 0 urgent and undecided, 1 at risk, 2 to be withdrawn, 3 something is owed,
-- 4 nothing is.
update triage_queue set rank = case
    when rank = 0 then 0
    when at_risk then 1
    when withdrawal_asked then 2
    when rank = 1 then 3
    else 4
end;
