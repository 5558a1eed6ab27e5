// The shapes that several files share.

/** A service that is called over HTTP, as drawn. */
export interface Link {
  name: string;
  /** The start of the names of its settings. */
  prefix: string;
  /** The variable that says where it is. */
  address: string;
  /** What it is asked for, in the design's words. */
  operation: string;
  method: string;
  path: string;
  /** Whether the service cannot do its work without it. */
  hard: boolean;
  /** Whether doing it twice is the same as once; null means: as its method says. */
  idempotent: boolean | null;
  /** What is done instead, in words. */
  fallback: string | null;
}

/** A database, a broker or another service that is not called over HTTP. */
export interface Store {
  name: string;
  technology: string;
  variables: string[];
}

/** Something the service can be asked. */
export interface Operation {
  name: string;
  method: string;
  path: string;
  kind: string | null;
}

/** What the design says of this service. */
export interface Design {
  service: string;
  title: string;
  description: string;
  healthPath: string;
  metricsPath: string;
  operations: Operation[];
  links: Link[];
  stores: Store[];
}

/** When a breaker opens, and how it closes again. */
export interface BreakerSettings {
  name: string;
  /** Percent of failed calls in the window that opens it. */
  failureRate: number | null;
  /** Failures in a row that open it. */
  consecutiveFailures: number | null;
  windowMs: number;
  /** Fewer calls in the window never open it by their rate. */
  minimumCalls: number;
  /** A call is counted as slow from so many milliseconds on. */
  slowCallMs: number | null;
  openMs: number;
}

/** The numbers of one link. */
export interface LinkSettings {
  url: string | null;
  timeoutMs: number;
  retries: { count: number; backoffMs: number; maxBackoffMs: number | null; jitter: boolean };
  bulkhead: number | null;
  breaker: BreakerSettings | null;
}

/** Everything the service is told. */
export interface Settings {
  service: string;
  logLevel: string;
  links: Map<string, LinkSettings>;
  stores: Map<string, Map<string, string>>;
}

/** What is passed on from a request to everything it causes. */
export interface RequestContext {
  requestId: string;
  traceId: string;
  traceFlags: string;
  traceState: string | null;
}
