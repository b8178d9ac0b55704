// Run every check against a mock, in order, and print the results as JSON.
// Usage: node run_checks.mjs SDK_FOLDER API_URL API_KEY AUTH_KEY
import {CHECKS} from "./checks.mjs";
import {loadSdk, restClient, settled, takeRequests} from "./client.mjs";

const [folder, base, apiKey, authKey] = process.argv.slice(2);
process.on("unhandledRejection", () => {}); // a wrong answer makes the SDK throw beside its promise
process.on("uncaughtException", () => {});
const printResults = console.log;
console.log = console.warn = console.error = () => {}; // the SDK writes there

const context = {
  CometChat: loadSdk(folder, base),
  host: base.replace(/^https?:\/\//, ""),
  rest: restClient(base, apiKey),
  authKey,
};
const results = [];
for (const [name, run] of Object.entries(CHECKS)) {
  takeRequests();
  let error = null;
  try {
    await settled(run(context), 12000);
  } catch (problem) {
    error = problem?.code ? `${problem.code}: ${problem.message}` : String(problem?.message ?? problem);
  }
  results.push({name, error, requests: takeRequests()});
}
printResults(JSON.stringify(results));
process.exit(0); // the SDK's own timers would keep the process alive
