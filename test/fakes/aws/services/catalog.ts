import { iam } from './account/iam.ts';
import { ssm } from './account/ssm.ts';
import { sts } from './account/sts.ts';
import { tagging } from './account/tagging.ts';
import { cloudFormation } from './cloudformation/index.ts';
import { ec2 } from './ec2/index.ts';
import { codeBuild } from './functions/codebuild.ts';
import { events } from './functions/events.ts';
import { httpApi } from './functions/http-api.ts';
import { lambda } from './functions/lambda.ts';
import { s3 } from './s3/index.ts';
import type { Service } from './service.ts';
import { cloudWatch } from './signals/cloudwatch.ts';
import { dlm } from './signals/dlm.ts';
import { logs } from './signals/logs.ts';
import { sns } from './signals/sns.ts';
import { sqs } from './signals/sqs.ts';

export const SERVICES: readonly Service[] = [
  ...[cloudFormation, cloudWatch, codeBuild, dlm, ec2, events, httpApi, iam],
  ...[lambda, logs, s3, sns, sqs, ssm, sts, tagging],
];

const BY_SIGNING_NAME: ReadonlyMap<string, Service> = new Map(SERVICES.map((one) => [one.signingName, one]));

/** The service that a request was signed for. */
export function serviceSignedFor(signingName: string): Service | undefined {
  return BY_SIGNING_NAME.get(signingName);
}
