// Chosen files go in pieces before the form is sent, which then names them: a line that is cut in the middle costs
// no more than a piece. Without this script the form carries the files itself. Words stand in files.html.

const UPLOADS = "/api/v1/uploads";
const KIBIBYTE = 1024;
const PIECE_MIN = 256 * KIBIBYTE;
const PIECE_MAX = 8 * KIBIBYTE * KIBIBYTE;
/** A piece that goes faster is followed by a larger one. */
const QUICK = 4 * 1000;
/** A request that takes longer is given up, and what came of it is asked for. */
const STALL = 90 * 1000;
/** With no progress for so long, the person is asked to try again. */
const PATIENCE = 4 * 60 * 1000;
const WAIT_MIN = 1000;
const WAIT_MAX = 30 * 1000;
/** Who sends a long film is still there: the session does not rest meanwhile. */
const STAY_EVERY = 5 * 60 * 1000;
const TOO_MANY_NAMED = 10;

class Refused extends Error {}

async function ask(method, address, headers, body) {
  const stop = new AbortController();
  const stalled = setTimeout(() => stop.abort(), STALL);
  try {
    const said = { "Tus-Resumable": "1.0.0", ...headers };
    const answer = await fetch(address, { method, headers: said, body, cache: "no-store", signal: stop.signal });
    if (answer.ok) return answer;
    const { code } = await answer.json().catch(() => ({}));
    if ([413, 415, 422].includes(answer.status)) throw new Refused(code);
    const error = new Error(code);
    error.isUnknown = answer.status === 404;
    error.wait = Number(answer.headers.get("Retry-After")) * 1000 || 0;
    throw error;
  } finally {
    clearTimeout(stalled);
  }
}

/** One file on its way. `told` hears how much of it has come. */
class Upload {
  constructor(file) {
    this.file = file;
    this.token = null;
    this.offset = 0;
  }

  async sends(told, waits) {
    let [wait, moved, size, isSure] = [WAIT_MIN, Date.now(), PIECE_MIN, false];
    for (;;) {
      const before = this.offset;
      try {
        if (!this.token) await this.begins();
        else if (!isSure) await this.looks();
        isSure = true;
        told(this.offset);
        if (this.offset >= this.file.size) return;
        const began = Date.now();
        await this.piece(size);
        size = Date.now() - began < QUICK ? Math.min(size * 2, PIECE_MAX) : Math.max(size / 2, PIECE_MIN);
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (error.isUnknown) this.token = null;
        isSure = false;
        size = PIECE_MIN;
        if (Date.now() - moved > PATIENCE) throw error;
        waits();
        await pause(Math.min(Math.max(wait, error.wait || 0), 2 * WAIT_MAX));
        wait = Math.min(wait * 2, WAIT_MAX);
      }
      if (this.offset > before) [wait, moved] = [WAIT_MIN, Date.now()];
    }
  }

  async begins() {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.file.name)));
    const about = { "Upload-Length": String(this.file.size), "Upload-Metadata": `filename ${name}` };
    this.token = (await (await ask("POST", UPLOADS, about)).json()).token;
    this.offset = 0;
  }

  /** Like HEAD, but also says why a file is refused. */
  async looks() {
    const { received, problem } = await (await ask("GET", `${UPLOADS}/${this.token}`)).json();
    if (problem) throw new Refused(problem.code);
    this.offset = received;
  }

  async piece(size) {
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.offset) };
    const bytes = this.file.slice(this.offset, this.offset + size);
    const answer = await ask("PATCH", `${UPLOADS}/${this.token}`, headers, bytes);
    this.offset = Number(answer.headers.get("Upload-Offset"));
  }
}

/** Waits, or until the line is back. */
const pause = (time) =>
  new Promise((goesOn) => {
    setTimeout(goesOn, time);
    addEventListener("online", goesOn, { once: true });
  });

function sendsInPieces(form) {
  const input = form.querySelector("input[type=file]");
  const status = form.querySelector("[role=status]");
  const words = status.dataset;
  const begun = new Map();
  let isSending = false;

  const tell = (text) => {
    if (status.textContent === text) return;
    status.textContent = text;
    // The button that was pressed may be the last thing that a small screen shows.
    status.scrollIntoView({ block: "nearest" });
  };
  const put = (name, value) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  };

  /** The field that names the file, or says why it is none. */
  const sends = async (file, at, all) => {
    const same = [file.name, file.size, file.lastModified].join();
    const upload = begun.get(same) || new Upload(file);
    begun.set(same, upload);
    const told = (bytes) => {
      // In tens: a screen reader speaks each of them.
      const percent = String(Math.floor((bytes / file.size) * 10) * 10);
      const facts = { name: file.name, at: String(at + 1), all: String(all), percent };
      tell(words.sending.replace(/{(\w+)}/g, (_, fact) => facts[fact]));
    };
    try {
      await upload.sends(told, () => tell(words.waiting));
      return ["upload", upload.token];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      begun.delete(same);
      return ["refused", `${error.message} ${file.name}`];
    }
  };

  form.addEventListener("submit", async (event) => {
    const files = [...input.files];
    if (files.length === 0 && !isSending) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    const stay = setInterval(() => fetch(location.href, { cache: "no-store" }).catch(() => {}), STAY_EVERY);
    try {
      const room = Number(form.dataset.most) - form.querySelectorAll("[name=upload]:checked").length;
      const fields = [];
      // Of a hundred that are too many, ten are named: a form has so many parts and no more.
      for (const [at, file] of files.slice(0, Math.max(room, 0) + TOO_MANY_NAMED).entries()) {
        fields.push(at < room ? await sends(file, at, files.length) : ["refused", `too_many_files ${file.name}`]);
      }
      tell(words.sent);
      for (const [name, value] of fields) put(name, value);
      input.value = "";
      form.submit();
    } catch (error) {
      isSending = false;
      tell(words.gone);
    } finally {
      clearInterval(stay);
    }
  });
}

const form = document.querySelector("form[data-files]");
if (form && window.AbortController && window.TextEncoder) sendsInPieces(form);
