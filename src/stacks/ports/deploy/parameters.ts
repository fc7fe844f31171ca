/** The parameter store. Values are secrets: they go in and out of memory and nowhere else. */
export interface Parameters {
  /** Null when there is none. Decrypted. */
  read(name: string): Promise<string | null>;
  /** Names below a path that ends in a slash. */
  names(path: string): Promise<ReadonlySet<string>>;
  /** Makes it, with tags; false when there is one of that name already, which stays as it is. */
  create(parameter: NewParameter): Promise<boolean>;
  /** Overwrites the value of one that is there. */
  replace(name: string, value: string): Promise<void>;
  /** Fine when it is gone already. */
  remove(name: string): Promise<void>;
}

export interface NewParameter {
  readonly name: string;
  readonly value: string;
  /** SecureString; else readable by whoever may read the name. */
  readonly isSecret: boolean;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}
