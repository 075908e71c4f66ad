/** What a message may be made from, where its kind is not known to the type system. */
export type MessageInit = Record<string, unknown>;
