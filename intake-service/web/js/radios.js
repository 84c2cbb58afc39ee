// Radio buttons that show and hide what belongs to a choice. What is shown comes next for everybody; ARIA
// allows no `aria-expanded` on a radio button, and some screen readers say nonsense there.
import { Radios } from "govuk-frontend";

export class RevealingRadios extends Radios {
  syncConditionalRevealWithInputState(input) {
    super.syncConditionalRevealWithInputState(input);
    input.removeAttribute("aria-expanded");
  }
}
