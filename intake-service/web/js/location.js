// "Use my location": asked for only when it is pressed, told in words, and taken back by a press.
// The button and all words come from components/location.html.

const DIGITS = 5; // about a metre

/** `place` holds fields whose names end in `latitude` and `longitude`, and the hidden button. */
export function offerLocation(place) {
  const part = place.querySelector(".app-location");
  const button = part?.querySelector("button");
  const status = part?.querySelector("[role=status]");
  const latitude = place.querySelector("input[name$=latitude]");
  const longitude = place.querySelector("input[name$=longitude]");
  if (!button || !status || !latitude || !longitude || !navigator.geolocation) return;

  const words = part.dataset;
  const tell = (text) => {
    status.textContent = text;
  };
  const show = () => {
    button.textContent = latitude.value ? words.remove : words.use;
  };
  const keep = ({ coords }) => {
    latitude.value = coords.latitude.toFixed(DIGITS);
    longitude.value = coords.longitude.toFixed(DIGITS);
    const metres = Math.max(1, Math.round(coords.accuracy));
    tell(words.found.replace("{metres}", metres.toLocaleString("en-GB")));
    show();
  };
  const failed = (error) => {
    tell(error.code === error.PERMISSION_DENIED ? words.refused : words.failed);
  };
  button.addEventListener("click", () => {
    if (latitude.value) {
      latitude.value = longitude.value = "";
      tell(words.removed);
      show();
      return;
    }
    tell(words.looking);
    const options = { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 };
    navigator.geolocation.getCurrentPosition(keep, failed, options);
  });
  show();
  part.hidden = false;
}
