/** What AWS refuses, by the code that the service puts on the wire. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;

  /** @param code as documented for the service: `ValidationError`, `InvalidVpcID.NotFound`, `NoSuchBucket` */
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsFault';
    this.code = code;
    this.status = status;
  }
}

/** A test asks for something that this fake does not have: louder than any answer that could pass for AWS's. */
export class NotInFake extends Error {
  constructor(what: string) {
    super(`The fake AWS has no ${what}: see test/fakes/aws/README.md.`);
    this.name = 'NotInFake';
  }
}
