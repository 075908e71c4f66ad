/** Somebody who can sign in on a socket of a target. */
export interface Person {
  readonly uid: string;
  readonly token: string;
}

export interface Usage {
  /** User and system time of all threads since the process started. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** What of a target is measured: it as a whole, and its parts where it has several. */
export interface TargetUsage extends Usage {
  /** By name, instances of a service together; servers that it stands on are listed here alone. */
  readonly parts?: Readonly<Record<string, Usage>>;
}

/** A server under measurement, in processes of its own. */
export interface Target {
  readonly name: string;
  readonly socketUrls: readonly string[];
  usage(): Promise<TargetUsage>;
  people(count: number): Promise<Person[]>;
  /** A conversation of all these. */
  group(people: readonly Person[]): Promise<string>;
  stop(): Promise<void>;
}

/** The product, in whichever way it runs. */
export interface Product extends Target {
  readonly httpUrls: readonly string[];
  /** Milliseconds from the command to ready; servers that it stands on ran before. */
  readonly firstStartMs: number;
  /** Stops it cleanly and starts it again on the same data; gives how long the start took, in milliseconds. */
  restart(): Promise<number>;
}
