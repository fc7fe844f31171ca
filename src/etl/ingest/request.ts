/**
 * The part of API Gateway's HTTP API proxy event (payload version 2.0) that ingest reads. Whatever sends it,
 * anything may be missing.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export interface IngestRequest {
  readonly rawPath?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: {
    readonly requestId?: string;
    readonly apiId?: string;
    readonly stage?: string;
    /** When the gateway received it, epoch milliseconds. */
    readonly timeEpoch?: number;
    readonly http?: {
      readonly method?: string;
      readonly path?: string;
      readonly sourceIp?: string;
      readonly userAgent?: string;
    };
  };
}

export interface IngestResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A header by its lower-case name, however the sender wrote it. */
export function headerOf(request: IngestRequest, name: string): string | undefined {
  const headers = request.headers ?? {};
  if (headers[name] !== undefined) return headers[name];
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** What the client is told when a request is refused; the codes are a contract (docs/ingest.md). */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** Members of a batch that are at fault. */
  readonly members: readonly { readonly index: number; readonly code: string; readonly message: string }[];

  constructor(status: number, code: string, message: string, members: Refusal['members'] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.members = members;
  }
}
