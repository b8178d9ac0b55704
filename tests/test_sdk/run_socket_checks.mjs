// Run the checks of the socket against a mock that speaks https, and print the results as JSON.
// Usage: node --experimental-websocket run_socket_checks.mjs SDK_FOLDER API_URL API_KEY AUTH_KEY
import {controlClient, loadSdk, restClient, secondSdk} from "./client.mjs";
import {quieten, runChecks} from "./runner.mjs";
import {CHECKS} from "./socket_checks.mjs";

const [folder, base, apiKey, authKey] = process.argv.slice(2);
const print = quieten();
const first = loadSdk(folder, base);
const context = {
  host: base.replace(/^https?:\/\//, ""),
  control: controlClient(base.replace(/v3$/, "_mock")),
  rest: restClient(base, apiKey),
  authKey,
  sdks: [first, secondSdk(folder), secondSdk(folder)],
};
await runChecks(CHECKS, context, print);
