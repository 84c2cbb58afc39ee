-- An event is written once and read whole. What it says is sealed, so that compressing it is work for
-- nothing, and one of a usual size is cheaper in its row than in pieces beside the table.
alter table event alter column body set storage external;
alter table event set (toast_tuple_target = 8160);
