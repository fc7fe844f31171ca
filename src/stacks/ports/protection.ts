/** The operator's word on a stage, kept where the stage is. Implemented by adapters/aws/protection.ts. */
export interface Protection {
  /** Null when nobody has said anything. @param path of the parameter */
  read(path: string): Promise<string | null>;
  write(path: string, value: string): Promise<void>;
}
