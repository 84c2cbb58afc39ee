// The server keeps what was typed for some minutes. Five minutes before they are over, a notice says so
// and offers more time (WCAG 2.2.1). It takes no focus: whoever is typing goes on typing.
// The notice and its words are a template in layout.html.

const WARN_BEFORE = 5 * 60 * 1000;
const LOOK_EVERY = 10 * 1000;

export function warnOfTimeout(body) {
  const template = document.getElementById("timeout-notice");
  const minutes = Number(body?.dataset.timeoutMinutes);
  if (!template || !(minutes > 0)) return;

  const lasts = minutes * 60 * 1000;
  const before = Math.min(WARN_BEFORE, lasts / 2);
  const minutesBefore = String(Math.max(1, Math.round(before / 60000)));
  const root = document.documentElement;
  let ends = Date.now() + lasts;
  let notice = null;
  // Screen readers speak what changes inside a region that was there before.
  const region = document.createElement("div");
  region.setAttribute("role", "status");
  region.tabIndex = -1;
  (document.querySelector("main") ?? body).prepend(region);

  const part = (name) => notice.querySelector(`[data-notice=${name}]`);
  const say = (name) => {
    for (const text of notice.querySelectorAll("p[data-notice]")) {
      text.hidden = text.dataset.notice !== name;
    }
  };
  const close = () => {
    notice = null;
    // The button that had the focus goes; the region beside it takes it, so that nobody is sent to the top.
    if (region.contains(document.activeElement)) region.focus();
    region.replaceChildren();
    root.classList.remove("app-has-notice");
  };
  const stay = async () => {
    try {
      // Any page of the form keeps the answers for as long again.
      const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
      if (!answer.ok) throw new Error();
      ends = Date.now() + lasts;
      close();
    } catch {
      say("failed");
    }
  };
  const open = () => {
    region.append(template.content.cloneNode(true));
    notice = region.firstElementChild;
    part("stay").addEventListener("click", stay);
    part("soon").textContent = part("soon").textContent.replace("{minutes}", minutesBefore);
    root.style.setProperty("--app-notice-height", `${notice.offsetHeight + 8}px`);
    root.classList.add("app-has-notice");
  };
  // By the clock, not by counting: a sleeping telephone counts nothing.
  const look = () => {
    const left = ends - Date.now();
    if (left > before) return;
    if (!notice) open();
    if (left > 0) return;
    say("over");
    part("stay").hidden = true;
    clearInterval(timer);
  };
  const timer = setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", look);
}
