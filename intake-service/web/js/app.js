// Everything here makes a page easier that works without it. Words stand in the pages, not here.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, ExitThisPage, NotificationBanner, SkipLink,
  createAll, isSupported,
} from "govuk-frontend";
import { offerLocation } from "./location.js";
import { offerPrint } from "./print.js";
import { RevealingRadios } from "./radios.js";
import { warnOfTimeout } from "./timeout.js";

if (isSupported()) {
  const components = [
    ExitThisPage, SkipLink, ErrorSummary, NotificationBanner, RevealingRadios, Checkboxes,
    CharacterCount,
  ];
  for (const component of components) createAll(component);
  createAll(Button, { preventDoubleClick: true });
}
document.querySelectorAll("[data-location]").forEach(offerLocation);
document.querySelectorAll("[data-print]").forEach(offerPrint);
warnOfTimeout(document.querySelector("[data-timeout-minutes]"));
