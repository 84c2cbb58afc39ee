/** Shows the print button, which is of no use without this script. */
export function offerPrint(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
