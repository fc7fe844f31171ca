/** What AWS's words mean for the operator. */
export interface Cause {
  readonly code: string;
  readonly headline: string;
  readonly fix: string | undefined;
}

interface Rule {
  /** Tried on "<type> <reason>". */
  readonly pattern: RegExp;
  readonly code: string;
  say(match: RegExpExecArray, title: string): { readonly headline: string; readonly fix?: string };
}

/** The first that fits wins. */
const RULES: readonly Rule[] = [
  {
    pattern: /^AWS::S3::Bucket .*?(?:'([a-z0-9.-]{3,63})'.*)?already exists/s,
    code: 'BUCKET_NAME_TAKEN',
    say: ([, name], title) => ({
      headline: `the name of the ${lower(title)} is taken`,
      fix:
        `bucket names are global${name === undefined ? '' : `, and ${name} exists`}: choose another with ` +
        '--set rawBucket=... or --set assetsBucket=..., or leave them unset: sbw then adds your account',
    }),
  },
  {
    pattern: /not authorized to perform:? ?([\w-]+:\w+)|(?:AccessDenied|UnauthorizedOperation)/s,
    code: 'PERMISSION_MISSING',
    say: ([, action], title) => ({
      headline: `you may not ${action === undefined ? `make the ${lower(title)}` : `call ${action}`}`,
      fix: `ask for the permission${action === undefined ? '' : ` ${action}`}, then run sbw deploy again`,
    }),
  },
  {
    pattern: /UnreservedConcurrentExecution/,
    code: 'CONCURRENCY_TOO_SMALL',
    say: () => ({
      headline: 'the account has too few concurrent Lambda executions to reserve one',
      fix: 'ask AWS for a higher limit ("Concurrent executions"), or deploy again: sbw then reserves none',
    }),
  },
  {
    pattern: /VpcLimitExceeded|maximum number of VPCs/i,
    code: 'VPC_LIMIT_REACHED',
    say: () => ({
      headline: 'the account has as many VPCs as it may have in this region',
      fix: 'delete one that nobody needs, or ask for a higher limit ("VPCs per Region"), then run sbw deploy again',
    }),
  },
  {
    pattern: /AddressLimitExceeded|maximum number of addresses/i,
    code: 'ADDRESS_LIMIT_REACHED',
    say: () => ({
      headline: 'the account has as many elastic addresses as it may have in this region',
      fix: 'release one, or ask for a higher limit ("EC2-VPC Elastic IPs"), or --set webDb=false',
    }),
  },
  {
    pattern: /VcpuLimitExceeded|vCPU capacity|InstanceLimitExceeded/i,
    code: 'SERVER_LIMIT_REACHED',
    say: () => ({
      headline: 'the account has as many servers of this type as it may have',
      fix: 'stop one, or ask for a higher limit ("Running On-Demand Standard instances"), then run sbw deploy again',
    }),
  },
  {
    pattern: /InsufficientInstanceCapacity|do not have sufficient .* capacity|Unsupported.*instance type/is,
    code: 'NO_SERVER_TO_BE_HAD',
    say: () => ({
      headline: 'AWS has no server of this type left in this zone',
      fix: 'try again later, or another type: --set warehouseInstanceType=... --set webDbInstanceType=...',
    }),
  },
  {
    pattern: /(vol-\w+) is already attached/,
    code: 'VOLUME_IN_USE',
    say: ([, volume], title) => ({
      headline: `the new ${lower(title)} cannot have the data volume while the old one has it`,
      fix: `stop the old server and detach ${volume} (its data stays on it), then run sbw deploy again`,
    }),
  },
  {
    pattern: /WaitCondition.*(?:received failed message|FAILURE)/s,
    code: 'HOST_NOT_READY',
    say: () => ({
      headline: 'the server could not be set up',
      fix: 'the end of its log is above; run sbw deploy again when it is mended',
    }),
  },
  {
    pattern: /WaitCondition.*timed out/s,
    code: 'HOST_SILENT',
    say: () => ({
      headline: 'the server did not report that it is ready',
      fix: 'look at its console below; run sbw deploy again: it starts a new server',
    }),
  },
  {
    pattern: /(?:Rate exceeded|Throttling|TooManyRequests)/i,
    code: 'AWS_THROTTLED',
    say: () => ({ headline: 'AWS throttled CloudFormation', fix: 'run sbw deploy again in a minute' }),
  },
  {
    pattern: /\b(?:S3 Error Code: NoSuchKey|The specified key does not exist|NoSuchKey)/,
    code: 'CODE_MISSING',
    say: (_match, title) => ({
      headline: `the code of the ${lower(title)} is not in the assets bucket`,
      fix: 'run sbw deploy again: it uploads what is missing',
    }),
  },
  {
    pattern: /already exists/s,
    code: 'NAME_TAKEN',
    say: (_match, title) => ({
      headline: `there is already something of the name of the ${lower(title)}`,
      fix: 'delete it if nobody needs it, or deploy another stage: --stage <name>',
    }),
  },
];

/** @param title plain words for the resource */
export function explain(type: string, title: string, reason: string): Cause {
  const said = `${type} ${reason}`;
  for (const { pattern, code, say } of RULES) {
    const match = pattern.exec(said);
    if (match !== null) return { code, fix: undefined, ...say(match, title) };
  }
  return { code: 'STACK_FAILED', headline: `the ${lower(title)} failed`, fix: undefined };
}

/** `Raw event bucket` in the middle of a sentence; abbreviations stay as they are. */
function lower(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}
