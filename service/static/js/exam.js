// The exam player: every change saved with a rising revision, a queue that survives reloads, time by the server alone.
const DEBOUNCE = 800;
const SEND_SECONDS = 15;
const RESYNC = 60_000;
const LONGEST_WAIT = 30_000;

/* What waits on this device: one entry a question, in IndexedDB; in localStorage where that is refused. */
class Queue {
  constructor(sitting) {
    this.sitting = sitting;
    this.database = null;
  }

  async open() {
    try {
      this.database = await new Promise((resolve, reject) => {
        const request = indexedDB.open("tmc-exam", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: ["sitting", "slot"] });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error("blocked"));
      });
    } catch {
      this.database = null;
    }
    return this;
  }

  run(mode, act) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction("answers", mode, { durability: "strict" });
      const request = act(transaction.objectStore("answers"));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  key(slot) {
    return `tmc-exam/${this.sitting}/${slot}`;
  }

  async put(entry) {
    const whole = { ...entry, sitting: this.sitting };
    if (this.database) return this.run("readwrite", (store) => store.put(whole));
    localStorage.setItem(this.key(entry.slot), JSON.stringify(whole));
  }

  async drop(slot) {
    if (this.database) return this.run("readwrite", (store) => store.delete([this.sitting, slot]));
    localStorage.removeItem(this.key(slot));
  }

  async all() {
    if (this.database) {
      const range = IDBKeyRange.bound([this.sitting, -Infinity], [this.sitting, Infinity]);
      return this.run("readonly", (store) => store.getAll(range));
    }
    const found = [];
    for (let place = 0; place < localStorage.length; place += 1) {
      const name = localStorage.key(place);
      if (name.startsWith(`tmc-exam/${this.sitting}/`)) found.push(JSON.parse(localStorage.getItem(name)));
    }
    return found;
  }
}

const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** A value with the names of its parts in steady order, as the database may give them back in another. */
function sorted(value) {
  if (value && typeof value === "object" && !Array.isArray(value)) {
    return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
  }
  return value ?? null;
}

/** One save. Answers {kind: saved|stale|gone|signed-out|refused|away, body}. */
async function sendAnswer(sitting, csrf, slot, entry, keepalive = false) {
  let answer;
  try {
    answer = await fetch(`/api/sittings/${sitting}/answers/${slot}`, {
      method: "PUT",
      credentials: "same-origin",
      keepalive,
      signal: keepalive ? undefined : AbortSignal.timeout(SEND_SECONDS * 1000),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, Accept: "application/json" },
      body: JSON.stringify({ revision: entry.revision, response: entry.response, flagged: entry.flagged }),
    });
  } catch {
    return { kind: "away" };
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.status === 200) return { kind: "saved", body };
  if (answer.status === 409 && body.outcome === "stale") return { kind: "stale", body };
  if (answer.status === 202 || answer.status === 409) return { kind: "gone", body };
  if ([401, 403, 404].includes(answer.status)) return { kind: "signed-out", body }; // perhaps somebody else signed in here
  if (answer.status === 422 || answer.status === 400 || answer.status === 413) return { kind: "refused", body };
  return { kind: "away", body };
}

class Player {
  constructor(root) {
    this.root = root;
    this.sitting = root.dataset.sitting;
    this.csrf = root.dataset.csrf;
    this.words = JSON.parse(root.dataset.words);
    this.form = root.querySelector("[data-paper]");
    this.queue = new Queue(this.sitting);
    this.slots = new Map();
    this.pending = new Map(); // slot -> entry that waits
    this.timers = new Map();
    this.sending = null;
    this.wait = 0;
    this.over = false;
    this.single = Number(root.dataset.single) > 0;
    this.all = this.single;
    this.endsAt = performance.now() + Number(root.dataset.seconds) * 1000;
    this.announced = Number(root.dataset.seconds);
    for (const element of root.querySelectorAll("[data-slot]")) this.adopt(element);
  }

  adopt(element) {
    const number = Number(element.dataset.slot);
    const slot = { element, number, shown: Number(element.dataset.number), acked: Number(element.dataset.revision) };
    this.slots.set(number, slot);
    slot.savedResponse = this.read(slot);
    slot.savedFlag = element.querySelector("[data-flag]").checked;
  }

  async start() {
    await this.queue.open();
    await this.resume();
    this.form.addEventListener("input", (event) => this.changed(event));
    this.form.addEventListener("change", (event) => this.changed(event));
    this.form.addEventListener("submit", (event) => this.plainSubmit(event));
    this.root.addEventListener("click", (event) => this.clicked(event));
    window.addEventListener("online", () => this.flush());
    window.addEventListener("offline", () => this.status());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.flush();
      else this.resync().then(() => this.flush());
    });
    window.addEventListener("pagehide", () => this.flushNow());
    setInterval(() => this.tick(), 500);
    setInterval(() => this.resync(), RESYNC);
    if (!this.single) this.show(this.fromHash() ?? 1, false);
    window.addEventListener("hashchange", () => { if (!this.single) this.show(this.fromHash() ?? this.current, true); });
    this.tick();
    document.documentElement.classList.add("exam-running");
    this.flush();
  }

  // What waited on this device is shown again and sent before anything else.
  async resume() {
    const entries = await this.queue.all().catch(() => []);
    for (const entry of entries) {
      const slot = this.slots.get(entry.slot);
      if (slot) this.write(slot, entry.response, entry.flagged);
      this.pending.set(entry.slot, entry);
    }
    this.resumed = entries.length;
    this.mapAll();
    this.status();
  }

  /* --- reading and writing what is on the page --- */

  field(slot, part) {
    return part ? `a-${slot.number}-${part}` : `a-${slot.number}`;
  }

  readOne(kind, name) {
    const controls = [...this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    if (kind === "multiple") {
      const chosen = controls.filter((one) => one.checked).map((one) => one.value).sort();
      return chosen.length ? chosen : null;
    }
    if (kind === "single" || kind === "true_false") {
      const chosen = controls.find((one) => one.checked)?.value ?? null;
      return kind === "true_false" && chosen !== null ? chosen === "true" : chosen;
    }
    const text = controls[0]?.value ?? "";
    return text.trim() ? text : null;
  }

  read(slot) {
    if (slot.element.dataset.kind !== "case") return this.readOne(slot.element.dataset.kind, this.field(slot));
    const parts = {};
    for (const part of slot.element.querySelectorAll("[data-part]")) {
      const value = this.readOne(part.dataset.partKind, this.field(slot, part.dataset.part));
      if (value !== null) parts[part.dataset.part] = value;
    }
    return Object.keys(parts).length ? parts : null;
  }

  writeOne(kind, name, value) {
    const controls = [...this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    if (["single", "multiple", "true_false"].includes(kind)) {
      const wanted = Array.isArray(value) ? value : value === null || value === undefined ? [] : [String(value)];
      for (const control of controls) control.checked = wanted.includes(control.value);
    } else if (controls[0]) controls[0].value = value ?? "";
  }

  // What can be no answer is said beside its field and kept there while it is so; it is saved all the same.
  judge(line, aloud) {
    if (line.dataset.kind === "numeric") {
      const text = this.readOne("numeric", line.dataset.name);
      const wrong = text !== null && !isNumber(text, line.dataset.unit);
      if (wrong && line.hidden && aloud) this.say(line.textContent.trim());
      line.hidden = !wrong;
    } else if (aloud) line.hidden = true; // whatever is chosen or written now is one of the answers offered
  }

  judgeAfter(event) {
    const line = this.form.querySelector(`[data-unreadable][data-name="${CSS.escape(event.target.name ?? "")}"]`);
    if (!line) return;
    clearTimeout(line.timer);
    if (event.type === "change" || !line.hidden) this.judge(line, true);
    else line.timer = setTimeout(() => this.judge(line, true), DEBOUNCE);
  }

  write(slot, response, flagged) {
    if (slot.element.dataset.kind !== "case") this.writeOne(slot.element.dataset.kind, this.field(slot), response);
    else {
      for (const part of slot.element.querySelectorAll("[data-part]")) {
        this.writeOne(part.dataset.partKind, this.field(slot, part.dataset.part), response?.[part.dataset.part] ?? null);
      }
    }
    slot.element.querySelector("[data-flag]").checked = Boolean(flagged);
    for (const line of slot.element.querySelectorAll("[data-unreadable]")) this.judge(line, false);
    this.map(slot);
  }

  /* --- saving --- */

  changed(event) {
    this.judgeAfter(event);
    const element = event.target.closest("[data-slot]");
    if (element) this.keep(this.slots.get(Number(element.dataset.slot)), DEBOUNCE);
  }

  // At once onto this device, a moment later to the server.
  keep(slot, delay) {
    const before = this.pending.get(slot.number);
    const response = this.read(slot);
    const flagged = slot.element.querySelector("[data-flag]").checked;
    if (!before && same(response, slot.savedResponse) && flagged === slot.savedFlag) return;
    const entry = {
      slot: slot.number, revision: before?.revision ?? slot.acked + 1, response, flagged, tried: before?.tried ?? [],
    };
    this.pending.set(slot.number, entry);
    this.queue.put(entry).catch(() => {});
    this.map(slot);
    this.status();
    clearTimeout(this.timers.get(slot.number));
    this.timers.set(slot.number, setTimeout(() => this.flush(), delay));
  }

  flush() {
    this.sending ??= this.sendAll().finally(() => { this.sending = null; });
    return this.sending;
  }

  async sendAll() {
    clearTimeout(this.retry);
    while (this.pending.size) {
      const entry = [...this.pending.values()].find((one) => !one.refused);
      if (!entry) break;
      const kind = await this.sendOne(entry);
      if (kind === "away" || kind === "signed-out") {
        this.trouble = kind;
        this.status();
        this.wait = Math.min(LONGEST_WAIT, this.wait ? this.wait * 2 : 2000);
        this.retry = setTimeout(() => this.flush(), this.wait);
        return;
      }
      this.trouble = null;
      this.wait = 0;
    }
    if (this.resumed && !this.pending.size) {
      this.say(this.words.resumed.replace("%(count)s", this.resumed));
      this.resumed = 0;
    }
    this.status();
  }

  async sendOne(entry) {
    const slot = this.slots.get(entry.slot);
    await this.queue.put(this.remembered(entry)).catch(() => {});
    let { kind, body } = await sendAnswer(this.sitting, this.csrf, entry.slot, entry);
    if (kind === "signed-out" && (await this.renew())) {
      ({ kind, body } = await sendAnswer(this.sitting, this.csrf, entry.slot, entry));
    }
    const latest = this.pending.get(entry.slot);
    if (kind === "saved") await this.acknowledged(slot, entry, latest, body);
    else if (kind === "stale") await this.outdated(slot, entry, latest, body);
    else if (kind === "gone") {
      this.pending.delete(entry.slot);
      await this.queue.drop(entry.slot).catch(() => {});
      this.closed();
    } else if (kind === "refused") {
      latest.refused = true;
      const reason = body.errors?.[0]?.detail ?? body.detail ?? "";
      this.notice(this.words.refused.replace("%(number)s", slot?.shown ?? entry.slot).replace("%(reason)s", reason));
    }
    if (body?.seconds_left !== undefined && kind !== "gone") this.setSeconds(body.seconds_left);
    return kind;
  }

  // What was sent and perhaps arrived, though no answer came back: by it our own earlier save is known again.
  remembered(entry) {
    entry.tried = [...entry.tried, { response: entry.response, flagged: entry.flagged }].slice(-10);
    return entry;
  }

  async acknowledged(slot, entry, latest, body) {
    this.savedAt = body.saved_at;
    if (slot) {
      slot.acked = body.revision;
      slot.savedResponse = entry.response;
      slot.savedFlag = entry.flagged;
      slot.element.dataset.revision = body.revision;
      slot.element.querySelector('input[name^="revision-"]').value = body.revision;
    }
    await this.settle(entry, latest, body.revision);
  }

  // What was typed while the save was on its way gets the next revision; otherwise nothing waits any more.
  async settle(entry, latest, revision) {
    if (latest && latest !== entry) {
      latest.revision = revision + 1;
      latest.tried = [];
      await this.queue.put(latest).catch(() => {});
    } else {
      this.pending.delete(entry.slot);
      await this.queue.drop(entry.slot).catch(() => {});
    }
  }

  // A newer answer stands. When it is an earlier save of ours whose answer got lost, go on after it; else show it.
  async outdated(slot, entry, latest, body) {
    const kept = latest ?? entry;
    const stands = (one) => same(one.response, body.response) && one.flagged === Boolean(body.flagged);
    if (stands(kept)) {
      await this.acknowledged(slot, kept, kept, body);
      return;
    }
    if (kept.tried.some(stands)) {
      if (slot) slot.acked = body.revision;
      kept.revision = body.revision + 1;
      kept.tried = [];
      await this.queue.put(kept).catch(() => {});
      return;
    }
    this.pending.delete(entry.slot);
    await this.queue.drop(entry.slot).catch(() => {});
    if (!slot) return;
    slot.acked = body.revision;
    slot.savedResponse = body.response ?? null;
    slot.savedFlag = Boolean(body.flagged);
    slot.element.dataset.revision = body.revision;
    this.write(slot, slot.savedResponse, slot.savedFlag);
    this.savedAt = body.saved_at;
    this.conflict(slot, kept.response);
  }

  conflict(slot, kept) {
    const box = slot.element.querySelector("[data-conflict]");
    box.replaceChildren(this.root.querySelector("[data-conflict-template]").content.cloneNode(true));
    box.querySelector("[data-kept]").textContent = this.spoken(slot, kept);
    box.querySelector("[data-use-kept]").addEventListener("click", () => {
      this.write(slot, kept, slot.savedFlag);
      box.hidden = true;
      this.keep(slot, 0);
    });
    box.hidden = false;
    this.say(box.querySelector("p").textContent);
  }

  // An answer as the candidate reads it: labels of options, not their ids.
  spoken(slot, response) {
    if (response === null || response === undefined) return this.words.nothing;
    if (typeof response === "object" && !Array.isArray(response)) {
      return Object.entries(response).map(([part, value]) => `${part}: ${this.spokenOne(this.field(slot, part), value)}`).join("\n");
    }
    return this.spokenOne(this.field(slot), response);
  }

  spokenOne(name, value) {
    const values = Array.isArray(value) ? value : [String(value)];
    const labels = values.map((one) => {
      const control = [...this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].find((input) => ["radio", "checkbox"].includes(input.type) && input.value === one);
      return (control && control.labels?.[0]?.textContent.trim()) || one;
    });
    return labels.join("\n");
  }

  // The page is going away: one last try that outlives it; what does not arrive waits on this device.
  flushNow() {
    for (const timer of this.timers.values()) clearTimeout(timer);
    if (this.sending) return;
    for (const entry of this.pending.values()) {
      if (entry.refused) continue;
      this.queue.put(this.remembered(entry)).catch(() => {});
      sendAnswer(this.sitting, this.csrf, entry.slot, entry, true);
    }
  }

  /* --- time --- */

  setSeconds(seconds) {
    this.endsAt = performance.now() + seconds * 1000;
  }

  get seconds() {
    return Math.max(0, Math.ceil((this.endsAt - performance.now()) / 1000));
  }

  async resync() {
    try {
      const answer = await fetch(`/api/sittings/${this.sitting}/clock`, {
        credentials: "same-origin", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(SEND_SECONDS * 1000),
      });
      if (!answer.ok) return false;
      const body = await answer.json();
      this.csrf = body.csrf_token;
      if (body.state !== "open") this.closed();
      else this.setSeconds(body.seconds_left);
      return true;
    } catch {
      return false;
    }
  }

  // After signing in again, in another tab, this page may go on.
  renew() {
    return this.resync();
  }

  tick() {
    const seconds = this.seconds;
    const shown = this.root.querySelector("[data-left]");
    const text = clock(seconds);
    if (shown.textContent !== text) shown.textContent = text;
    shown.parentElement.classList.toggle("soon", seconds < 300);
    for (const minutes of [15, 5, 1]) {
      if (this.announced > minutes * 60 && seconds <= minutes * 60 && seconds > 0) {
        const sentence = minutes === 1 ? this.words.left_one : this.words.left.replace("%(minutes)s", minutes);
        this.say(sentence);
        this.notice(sentence);
      }
    }
    this.announced = seconds;
    if (seconds === 0 && !this.over) this.timeOver();
  }

  async timeOver() {
    this.over = true;
    await this.flush();
    if (this.pending.size) {
      this.notice(this.words.over_waiting.replace("%(count)s", this.pending.size));
      setTimeout(() => { this.over = false; }, 5000);
      return;
    }
    this.say(this.words.over);
    setTimeout(() => this.closed(), 1500);
  }

  closed() {
    if (this.leaving) return;
    this.leaving = true;
    location.replace(`/my/sittings/${this.sitting}`);
  }

  /* --- moving about --- */

  fromHash() {
    const found = /^#q-(\d+)$/.exec(location.hash);
    return found ? Number(found[1]) : null;
  }

  show(number, focus) {
    const shown = [...this.slots.values()];
    this.current = Math.min(Math.max(1, number), shown.length);
    for (const slot of shown) slot.element.hidden = !this.all && slot.shown !== this.current;
    for (const link of this.root.querySelectorAll("[data-question]")) {
      if (Number(link.dataset.question) === this.current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.root.querySelector("[data-back]").disabled = this.current === 1;
    const next = this.root.querySelector("[data-next]");
    next.disabled = this.current === shown.length;
    if (focus) {
      const heading = this.root.querySelector(`#question-${this.current}`);
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      heading.closest("section").scrollIntoView({ block: "start" });
    }
  }

  go(number) {
    history.replaceState(null, "", `#q-${number}`);
    this.show(number, true);
  }

  clicked(event) {
    const link = event.target.closest("a[data-question]");
    if (link && !this.single) {
      event.preventDefault();
      this.go(Number(link.dataset.question));
    } else if (event.target.closest("[data-back]")) this.go(this.current - 1);
    else if (event.target.closest("[data-next]")) this.go(this.current + 1);
    else if (event.target.closest("[data-show-all]")) {
      this.all = !this.all;
      event.target.closest("[data-show-all]").setAttribute("aria-pressed", String(this.all));
      this.show(this.current, false);
    } else if (event.target.closest("[data-check-link]")) this.leave(event, event.target.closest("a").href);
  }

  // Nobody hands in while answers are still on the way.
  async leave(event, address) {
    event.preventDefault();
    await this.flush();
    if (this.pending.size) await this.flush();
    if (this.pending.size) {
      const sentence = this.words.wait.replace("%(count)s", this.pending.size);
      this.say(sentence);
      this.notice(sentence);
      return;
    }
    location.assign(address);
  }

  // The buttons that work without JavaScript: first everything is saved as ever, then they lead on.
  plainSubmit(event) {
    const go = event.submitter?.value ?? "";
    event.preventDefault();
    const address = /^\d+$/.test(go) ? `/my/sittings/${this.sitting}?question=${go}` : go === "check" ? this.root.dataset.check : null;
    if (address) this.leave(event, address);
    else this.flush();
  }

  /* --- saying --- */

  map(slot) {
    const link = this.root.querySelector(`[data-question="${slot.shown}"]`);
    if (!link) return;
    const answered = this.read(slot) !== null;
    const flagged = slot.element.querySelector("[data-flag]").checked;
    link.classList.toggle("answered", answered);
    link.classList.toggle("flagged", flagged);
    const words = [answered ? this.words.answered : this.words.unanswered, ...(flagged ? [this.words.flagged] : [])];
    link.querySelector(".sr").textContent = ` ${words.join(", ")}`;
  }

  mapAll() {
    for (const slot of this.slots.values()) this.map(slot);
  }

  status() {
    const waiting = this.pending.size;
    const line = this.root.querySelector("[data-saved]");
    const text = this.root.querySelector("[data-saved-text]");
    const away = waiting > 0 && (this.trouble || navigator.onLine === false);
    line.classList.toggle("offline", Boolean(away));
    if (away) text.textContent = this.trouble === "signed-out" ? this.words.signed_out : this.words.waiting.replace("%(count)s", waiting);
    else if (waiting) text.textContent = this.words.saving;
    else if (this.savedAt) text.textContent = this.words.saved.replace("%(time)s", serverTime(this.savedAt));
  }

  say(sentence) {
    this.root.querySelector("[data-exam-live]").textContent = sentence;
  }

  notice(sentence) {
    const box = this.root.querySelector("[data-exam-notice]");
    box.querySelector("p").textContent = sentence;
    box.hidden = false;
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => { box.hidden = true; }, 15_000);
  }
}

/** Whether scoring reads this text as a number: the same rule as `read_number` in curricula/scoring.py. */
function isNumber(text, unit) {
  const plain = (one) => one.normalize("NFKC").replaceAll("\u2212", "-").replaceAll(" ", "");
  let number = plain(text);
  if (unit && number.endsWith(plain(unit))) number = number.slice(0, -plain(unit).length);
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(number)) number = number.replaceAll(",", "");
  number = number.replace(/^\+/, "").replace(/^(-?)\./, (_, sign) => `${sign}0.`);
  return /^-?\d{1,12}(\.\d{1,12}|\/[1-9]\d{0,11})?$/.test(number);
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** The server's moment as the clock in Beijing shows it. */
function serverTime(moment) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(moment));
}

/* The page after the end: what still waits on this device is sent, kept as late, and taken off this device. */
async function sendLate(root) {
  const queue = await new Queue(root.dataset.sitting).open();
  for (const entry of await queue.all().catch(() => [])) {
    const { kind } = await sendAnswer(root.dataset.sitting, root.dataset.csrf, entry.slot, entry);
    if (["saved", "stale", "gone"].includes(kind)) await queue.drop(entry.slot).catch(() => {});
  }
}

const paper = document.querySelector("[data-exam]");
if (paper) new Player(paper).start();
const closed = document.querySelector("[data-exam-closed]");
if (closed) sendLate(closed);
