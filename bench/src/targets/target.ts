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

/** A server under measurement, a process of its own. */
export interface Target {
  readonly name: string;
  readonly socketUrl: string;
  /** Absent for the bare servers. */
  readonly httpUrl?: string;
  usage(): Promise<Usage>;
  people(count: number): Promise<Person[]>;
  /** A conversation of all these. */
  group(people: readonly Person[]): Promise<string>;
  stop(): Promise<void>;
}
