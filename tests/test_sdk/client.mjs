// The vendor's SDK in Node: what it expects of a browser. Its fetch sets a referrer that Node refuses, and asks
// for https whatever the mock speaks; both are changed on the way.
import {createRequire} from "node:module";

export const REQUEST_LIMIT_MS = 60000; // ends a hang on a loaded machine
const sentRequests = [];

/** Requests sent since the last call, as "METHOD /path -> status". */
export function takeRequests() {
  return sentRequests.splice(0);
}

function provideBrowserGlobals() {
  const values = new Map();
  const storage = {
    getItem: (key) => values.get(String(key)) ?? null,
    setItem: (key, value) => void values.set(String(key), String(value)),
    removeItem: (key) => void values.delete(String(key)),
    clear: () => values.clear(),
    key: (index) => [...values.keys()][index] ?? null,
    get length() {
      return values.size;
    },
  };
  const location = {href: "http://localhost/", origin: "http://localhost", protocol: "http:", hostname: "localhost"};
  const nothing = () => undefined;
  const element = () => ({style: {}, setAttribute: nothing, appendChild: nothing, getContext: () => null});
  const globals = {
    localStorage: storage,
    sessionStorage: storage,
    location,
    screen: {width: 1280, height: 800, colorDepth: 24},
    navigator: {userAgent: "Node", language: "en", onLine: true, platform: "Linux", sendBeacon: () => true},
    document: {
      addEventListener: nothing,
      removeEventListener: nothing,
      createElement: element,
      getElementsByTagName: () => [],
      querySelector: () => null,
      querySelectorAll: () => [],
      cookie: "",
      referrer: "",
      hidden: false,
      visibilityState: "visible",
      location,
      body: element(),
      head: element(),
    },
    addEventListener: nothing,
    removeEventListener: nothing,
    dispatchEvent: () => true,
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, {value, configurable: true, writable: true});
  }
  globalThis.window = globalThis;
  globalThis.self = globalThis;
}

function sendOver(scheme) {
  const send = globalThis.fetch;
  globalThis.fetch = async (address, options = {}) => {
    const {referrer, referrerPolicy, mode, credentials, ...kept} = options;
    const url = String(address).replace(/^https:/, scheme);
    const response = await send(url, kept);
    sentRequests.push(`${kept.method ?? "GET"} ${new URL(url).pathname}${new URL(url).search} -> ${response.status}`);
    return response;
  };
}

/** The SDK's CometChat class, loaded from its installed folder, for a mock at this URL. */
export function loadSdk(folder, base) {
  provideBrowserGlobals();
  sendOver(new URL(base).protocol);
  return createRequire(`${folder}/`)("@cometchat/chat-sdk-javascript").CometChat;
}

/** Another copy of the SDK beside those that are loaded, for another user or tab in this process. */
export function secondSdk(folder) {
  const load = createRequire(`${folder}/`);
  delete load.cache[load.resolve("@cometchat/chat-sdk-javascript")];
  return load("@cometchat/chat-sdk-javascript").CometChat;
}

/** The promise's value; rejects after the time limit, for the SDK never settles on some answers. */
export function settled(promise, limitMs = REQUEST_LIMIT_MS) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not settled within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** A caller of the REST API with the full key, to prepare what the SDK then sees. */
export function restClient(base, apiKey) {
  return async (method, path, {body, as} = {}) => {
    const headers = {apikey: apiKey, "content-type": "application/json"};
    if (as) headers.onBehalfOf = as;
    const response = await fetch(base + path, {method, headers, body: body && JSON.stringify(body)});
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** A caller of the control plane; gives what is under `data`. */
export function controlClient(base) {
  return async (method, path, body) => {
    const headers = {"content-type": "application/json"};
    const response = await fetch(base + path, {method, headers, body: body && JSON.stringify(body)});
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer.data;
  };
}
