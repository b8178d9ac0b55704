// Starts and drives a mock of the Conversations REST API in tests. No dependencies; Node 18 or later.
// A running mock can also be driven from a page that `mockserver serve --allow-origin` names.

const KEY = "mock-api-key";
const READY_MS = 30_000;
const STOP_MS = 5_000;
const LONGEST_LINE = 100_000;
const LATE = Symbol("late");

const NO_MOCK = { code: "NO_MOCK", message: "No mock answers so: is this the address of one?" };

/** The control plane has answered a call with an error. */
export class ControlRefused extends Error {
  constructor(call, status, error) {
    const details = Object.entries(error.details ?? {}).map(([place, reasons]) => `\n  ${place}: ${reasons.join(" ")}`);
    super(`${call} was answered ${status}: ${error.message}${details.join("")}`);
    this.name = "ControlRefused";
    this.status = status;
    this.error = error;
  }
}

/** Run `mockserver serve` on a free port; resolve once it answers. `world` is a name, a file, or a world as an object. */
export async function start({ command = ["mockserver"], world, seed, times = "fixed", args = [], env = {} } = {}) {
  const { spawn } = await import("node:child_process");
  const [program, ...before] = typeof command === "string" ? [command] : command;
  if (!Array.isArray(args)) throw new TypeError(`args is a list of words, not ${JSON.stringify(args)}`);
  const kept = typeof world === "object" && world !== null ? await writeWorld(world) : null;
  const named = [...(world ? ["--world", kept?.path ?? world] : []), ...(seed === undefined ? [] : ["--seed", String(seed)])];
  const words = [...before, "serve", "--port", "0", "--print-url", "json", "--until-eof", "--times", times, ...named, ...args];
  const child = spawn(program, words, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  const killIt = () => child.kill();
  process.once("exit", killIt);
  child.once("exit", () => process.removeListener("exit", killIt));
  const { url, socket } = await address(child, program).finally(() => kept?.remove());
  return new Mock(url, { child, socketUrl: socket });
}

/** Write a world to a file that `mockserver serve` reads when it starts; resolve to its path and its removal. */
async function writeWorld(world) {
  const [{ mkdtemp, rm, writeFile }, { tmpdir }, { join }] = await Promise.all(
    ["node:fs/promises", "node:os", "node:path"].map((name) => import(name)),
  );
  const folder = await mkdtemp(join(tmpdir(), "duologue-"));
  const path = join(folder, "world.json");
  await writeFile(path, JSON.stringify(world));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Use a mock that runs already. */
export const connect = (url, options = {}) => new Mock(url, options);

/** Resolve to the line on a child's stdout that holds its address; reject with what it says on stderr if it ends. */
function address(child, program) {
  return new Promise((resolve, reject) => {
    let rest = "";
    let said = "";
    const fail = (reason) => reject(new Error(`The mock did not start: ${reason}`));
    const timer = setTimeout(() => {
      child.kill();
      fail(`it printed no address within ${READY_MS / 1000} s. ${said}`);
    }, READY_MS);
    child.stderr.setEncoding("utf8").on("data", (text) => {
      if (said.length < 10_000) said += text;
    });
    // A command that wraps the mock may print lines of its own before.
    child.stdout.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop().slice(0, LONGEST_LINE);
      const told = lines.map(json).find((line) => typeof line?.url === "string");
      if (told === undefined) return;
      clearTimeout(timer);
      resolve(told);
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      const hint = program === "mockserver" ? ": pip install duologue" : "";
      fail(error.code === "ENOENT" ? `there is no command ${program}${hint}` : error.message);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      fail(said.trim() || `it ended with ${code}`);
    });
  });
}

/** A running mock. Every method but `api` is a call of its control plane. */
export class Mock {
  #child;
  #token;

  constructor(url, { apiKey = KEY, token, child, socketUrl = null } = {}) {
    this.url = url.replace(/\/+$/, "");
    this.control = `${this.url.replace(/\/v3$/, "")}/_mock`;
    this.apiKey = apiKey;
    this.socketUrl = socketUrl;
    this.#child = child;
    this.#token = token;
  }

  /** End the process that `start` began; do nothing for any other mock. */
  async stop() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** The headers of an API call as this user. */
  headers(as) {
    return { apikey: this.apiKey, ...(as && { onBehalfOf: as }) };
  }

  /** Call the API and resolve to the Response: `await mock.api("/conversations", { as: "ana" })`. */
  api(path, { as, method = "GET", body, headers = {}, ...rest } = {}) {
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const all = { ...this.headers(as), ...json, ...headers };
    return fetch(this.url + path, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body), ...rest });
  }

  /** Call the control plane and resolve to its `data`; throw ControlRefused. */
  async call(method, path, body) {
    const headers = { ...(this.#token && { "x-control-token": this.#token }) };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(this.control + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const told = json(await answer.text());
    if (!answer.ok || told?.data === undefined) {
      throw new ControlRefused(`${method} /_mock${path}`, answer.status, errorIn(told));
    }
    return told.data;
  }

  // State.

  /** Everything as at the start: state, clock, faults, failures, delays, rate limit, journal. */
  reset() {
    return this.call("POST", "/reset");
  }

  /** The whole state as a document; with one, replace the state by it. */
  world(document) {
    return document === undefined ? this.call("GET", "/world") : this.call("PUT", "/world", document);
  }

  /** Save the state under a name. */
  save(name) {
    return this.call("POST", "/snapshots", { name });
  }

  /** Bring a saved state back. */
  restore(name) {
    return this.call("POST", `/snapshots/${encodeURIComponent(name)}/restore`);
  }

  /** A world of its own beside this one, with an address, state, clock and journal of its own. */
  async side(name, { from, seed } = {}) {
    await this.call("POST", "/worlds", { name, ...(from && { from }), ...(seed !== undefined && { seed }) });
    const place = encodeURIComponent(name);
    const made = new Mock(`${this.url.replace(/\/v3$/, "")}/_world/${place}/v3`, { apiKey: this.apiKey, token: this.#token });
    made.remove = () => this.call("DELETE", `/worlds/${place}`);
    return made;
  }

  // Time.

  /** Stop the clock, at this time (Date or UNIX seconds) or where it is. */
  freeze(now) {
    return this.call("PUT", "/clock", { mode: "frozen", ...(now !== undefined && { now: seconds(now) }) });
  }

  /** Let the clock run, from this time or from where it is. */
  run(now) {
    return this.call("PUT", "/clock", { mode: "running", ...(now !== undefined && { now: seconds(now) }) });
  }

  /** Move the clock forward by seconds; what was to be sent until then is sent. */
  advance(byS) {
    return this.call("POST", "/clock/advance", { seconds: byS });
  }

  // Messages, failures, delays.

  /** Send a message as a user, now or `inS` seconds later on the mock's clock. */
  send({ from, to, text, inS = 0 }) {
    return this.call("POST", "/send", { from, to, text, in_s: inS });
  }

  /** Let the next request fail (once with 500 by default): `mock.fail("listConversations", 503)`. */
  fail(operation, status, { times = 1, delayMs, slowMs, ...wanted } = {}) {
    const isOther = wanted.drop || wanted.half || delayMs !== undefined || slowMs !== undefined;
    return this.call("POST", "/failures", {
      ...wanted,
      ...(operation && { operation }),
      ...(times !== null && { times }),
      ...(delayMs !== undefined && { delay_ms: delayMs }),
      ...(slowMs !== undefined && { slow_ms: slowMs }),
      ...((status || !isOther) && { status: status ?? 500 }),
    });
  }

  /** Let no request fail any more. */
  stopFailing() {
    return this.call("DELETE", "/failures");
  }

  /** Delay every answer, or those of one operation; 0 ends it. */
  delay(ms, operation) {
    return this.call("PUT", "/latency", operation ? { operations: { [operation]: { ms } } } : { default: ms ? { ms } : null });
  }

  /** Answer 429 to more than so many requests within so many seconds. */
  limit(requests, perS = 60) {
    return this.call("PUT", "/rate-limit", { limit: requests, per_s: perS });
  }

  // The socket.

  /** Who is connected to the socket, and what goes wrong with it. */
  socket() {
    return this.call("GET", "/socket");
  }

  /** Cut the connections of a user, or all, as a failing network does. */
  cut(uid) {
    return this.call("DELETE", `/socket${uid === undefined ? "" : `?uid=${encodeURIComponent(uid)}`}`);
  }

  /** Let events come late, twice or out of order, cut after so many, refuse log-ins; for one user or all. */
  failSocket({ uid, lateMs, twice, outOfOrder, cutAfter, refuseLogin } = {}) {
    const wanted = { uid, late_ms: lateMs, twice, out_of_order: outOfOrder, cut_after: cutAfter, refuse_login: refuseLogin };
    return this.call("PUT", "/socket/faults", wanted);
  }

  /** Let the socket work again. */
  healSocket() {
    return this.call("DELETE", "/socket/faults");
  }

  // What has happened.

  /** The requests that came, oldest first; `wanted` as in the control document. */
  journal(wanted = {}) {
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    return this.call("GET", `/journal?${new URLSearchParams(given)}`);
  }

  /** Why the request with this X-Request-Id was answered as it was. */
  why(requestId) {
    return this.call("GET", `/why/${encodeURIComponent(requestId)}`);
  }

  /** Listen to what happens from now on, or after the event `lastId`: resolves once it listens. */
  async listen({ lastId } = {}) {
    const ending = new AbortController();
    const headers = { ...(lastId && { "last-event-id": lastId }), ...(this.#token && { "x-control-token": this.#token }) };
    const answer = await fetch(`${this.control}/events`, { headers, signal: ending.signal });
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
    if (!answer.ok || !isStream) {
      const told = json(await answer.text());
      throw new ControlRefused("GET /_mock/events", answer.status, errorIn(told));
    }
    return new Listener(answer.body, ending);
  }
}

/** The events of one stream: `for await (const event of listener)`, or one by one with `next`. */
export class Listener {
  #events;
  #ending;
  #awaited;

  constructor(body, ending) {
    this.#ending = ending;
    this.#events = eventsOf(body, ending);
  }

  /** Resolve to the next event of this kind, or of any; reject if there is none in time, and go on listening. */
  async next(kind, { timeoutMs = 10_000 } = {}) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs, LATE);
    });
    try {
      for (;;) {
        const event = await Promise.race([this.#take(), late]);
        if (event === LATE) throw new Error(`There was no event ${kind ?? ""} within ${timeoutMs} ms`);
        this.#awaited = undefined;
        if (event === undefined) throw new Error("The stream has ended");
        if (!kind || event.kind === kind) return event;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Listen no more. */
  close() {
    this.#ending.abort();
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        const event = await this.#take();
        this.#awaited = undefined;
        if (event === undefined) return;
        yield event;
      }
    } finally {
      this.close();
    }
  }

  /** The event that comes next, undefined at the end: the same until it is taken. */
  #take() {
    if (this.#ending.signal.aborted) return Promise.resolve(undefined);
    this.#awaited ??= this.#events.next().then(({ value }) => value);
    this.#awaited.catch(() => {}); // told to whoever waits for it, and to nobody while none does
    return this.#awaited;
  }
}

async function* eventsOf(body, ending) {
  let rest = "";
  const decoder = new TextDecoder();
  try {
    for await (const bytes of body) {
      rest += decoder.decode(bytes, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      yield* blocks.map(parsed).filter(Boolean);
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    ending.abort();
  }
}

function parsed(block) {
  const fields = Object.fromEntries(block.split("\n").filter((line) => !line.startsWith(":")).map((line) => {
    const at = line.indexOf(": ");
    return [line.slice(0, at), line.slice(at + 2)];
  }));
  return fields.event && { id: fields.id, kind: fields.event, ...JSON.parse(fields.data) };
}

/** The error of an answer of the control plane; of any other answer, that it is none. */
const errorIn = (told) => (told?.error?.message ? told.error : NO_MOCK);

/** What a text says in JSON; undefined if it is none. */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const seconds = (time) => (time instanceof Date ? Math.floor(time.getTime() / 1000) : time);
