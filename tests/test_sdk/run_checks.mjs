// Run every check against a mock, in order, and print the results as JSON.
// Usage: node run_checks.mjs SDK_FOLDER API_URL API_KEY AUTH_KEY
import {CHECKS} from "./checks.mjs";
import {loadSdk, restClient} from "./client.mjs";
import {quieten, runChecks} from "./runner.mjs";

const [folder, base, apiKey, authKey] = process.argv.slice(2);
const print = quieten();
const context = {
  CometChat: loadSdk(folder, base),
  host: base.replace(/^https?:\/\//, ""),
  rest: restClient(base, apiKey),
  authKey,
};
await runChecks(CHECKS, context, print);
