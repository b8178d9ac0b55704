export interface Entry {
  id: string;
  at: number;
  method: string;
  path: string;
  query: string;
  operation: string | null;
  caller: string | null;
  status: number;
  duration_ms: number;
  code: string | null;
  reason: string | null;
  clause: string | null;
  request: { headers: Record<string, string>; body?: unknown };
  response: { headers: Record<string, string>; body?: unknown };
}

export interface MockEvent {
  id?: string;
  kind: string;
  at?: number;
  by?: string | null;
  operation?: string;
  params?: Record<string, string>;
  data?: unknown;
  request?: string;
  call?: string;
}

export interface FailOptions {
  times?: number | null;
  after?: number;
  path?: string;
  caller?: string;
  code?: string;
  drop?: boolean;
  half?: boolean;
  delayMs?: number;
  slowMs?: number;
  probability?: number;
  seed?: number;
}

export interface SocketFaults {
  uid?: string;
  lateMs?: number;
  twice?: boolean;
  outOfOrder?: boolean;
  cutAfter?: number;
  refuseLogin?: boolean;
}

export type Peer = string | { user: string } | { group: string };

export class ControlRefused extends Error {
  readonly status: number;
  readonly error: { code: string; message: string; details?: Record<string, string[]> };
}

export class Listener implements AsyncIterable<MockEvent> {
  next(kind?: string, options?: { timeoutMs?: number }): Promise<MockEvent>;
  close(): void;
  [Symbol.asyncIterator](): AsyncIterator<MockEvent>;
}

export class Mock {
  constructor(url: string, options?: { apiKey?: string; token?: string; socketUrl?: string | null });
  readonly url: string;
  readonly control: string;
  readonly apiKey: string;
  readonly socketUrl: string | null;
  stop(): Promise<void>;
  headers(as?: string): Record<string, string>;
  api(path: string, options?: Omit<RequestInit, "body" | "headers"> & { as?: string; body?: unknown; headers?: Record<string, string> }): Promise<Response>;
  call(method: string, path: string, body?: unknown): Promise<any>;
  reset(): Promise<{ world: string }>;
  world(): Promise<any>;
  world(document: object): Promise<{ world: string; users: number; groups: number; messages: number }>;
  save(name: string): Promise<unknown>;
  restore(name: string): Promise<unknown>;
  side(name: string, options?: { from?: string; seed?: number }): Promise<Mock & { remove(): Promise<unknown> }>;
  freeze(now?: Date | number): Promise<{ mode: string; now: number }>;
  run(now?: Date | number): Promise<{ mode: string; now: number }>;
  advance(byS: number): Promise<{ mode: string; now: number }>;
  send(message: { from: string; to: Peer; text: string; inS?: number }): Promise<{ id: string; at: number; message: any }>;
  fail(operation?: string | null, status?: number | null, options?: FailOptions): Promise<{ id: string }>;
  stopFailing(): Promise<unknown>;
  delay(ms: number, operation?: string): Promise<unknown>;
  limit(requests: number, perS?: number): Promise<unknown>;
  socket(): Promise<{ connections: { uid: string; device: string; presence: string }[]; faults: any }>;
  cut(uid?: string): Promise<{ cut: string[] }>;
  failSocket(faults: SocketFaults): Promise<any>;
  healSocket(): Promise<any>;
  journal(wanted?: Record<string, string>): Promise<Entry[]>;
  why(requestId: string): Promise<any>;
  listen(options?: { lastId?: string }): Promise<Listener>;
}

/** Run `mockserver serve` on a free port; resolve once it answers. */
export function start(options?: {
  command?: string | string[];
  world?: string | object;
  seed?: number;
  times?: "fixed" | "today";
  args?: string[];
  env?: Record<string, string>;
}): Promise<Mock>;

/** Use a mock that runs already. */
export function connect(url: string, options?: { apiKey?: string; token?: string }): Mock;
