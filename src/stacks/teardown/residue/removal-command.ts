import type { ThingName } from '../../ports/leftovers.ts';

/** An argument as a POSIX shell must be given it: ids come from AWS, and still are other people's text. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

const nameIn = (id: string): string => quote(id.split('/').at(-1) ?? id);

/** Arguments of `aws`, by service and noun as in ARNs. */
const COMMANDS: Readonly<Record<string, (id: string, region: string) => string>> = {
  apigateway: (id) => `apigatewayv2 delete-api --api-id ${nameIn(id)}`,
  'cloudformation:stack': (id) => `cloudformation delete-stack --stack-name ${quote(id)}`,
  'cloudwatch:alarm': (id) => `cloudwatch delete-alarms --alarm-names ${quote(id)}`,
  'codebuild:project': (id) => `codebuild delete-project --name ${quote(id)}`,
  'dlm:policy': (id) => `dlm delete-lifecycle-policy --policy-id ${quote(id)}`,
  'ec2:elastic-ip': (id) => `ec2 release-address --allocation-id ${quote(id)}`,
  'ec2:instance': (id) => `ec2 terminate-instances --instance-ids ${quote(id)}`,
  'ec2:internet-gateway': (id) => `ec2 delete-internet-gateway --internet-gateway-id ${quote(id)}`,
  'ec2:network-interface': (id) => `ec2 delete-network-interface --network-interface-id ${quote(id)}`,
  'ec2:route-table': (id) => `ec2 delete-route-table --route-table-id ${quote(id)}`,
  'ec2:security-group': (id) => `ec2 delete-security-group --group-id ${quote(id)}`,
  'ec2:snapshot': (id) => `ec2 delete-snapshot --snapshot-id ${quote(id)}`,
  'ec2:subnet': (id) => `ec2 delete-subnet --subnet-id ${quote(id)}`,
  'ec2:volume': (id) => `ec2 delete-volume --volume-id ${quote(id)}`,
  'ec2:vpc': (id) => `ec2 delete-vpc --vpc-id ${quote(id)}`,
  'ec2:vpc-endpoint': (id) => `ec2 delete-vpc-endpoints --vpc-endpoint-ids ${quote(id)}`,
  'events:rule': (id) => `events delete-rule --name ${nameIn(id)}`,
  'iam:instance-profile': (id) => `iam delete-instance-profile --instance-profile-name ${nameIn(id)}`,
  'iam:role': (id) => `iam delete-role --role-name ${nameIn(id)}`,
  'lambda:function': (id) => `lambda delete-function --function-name ${quote(id)}`,
  'logs:log-group': (id) => `logs delete-log-group --log-group-name ${quote(id)}`,
  s3: (id) => `s3 rb --force s3://${quote(id)}`,
  sns: (id) => `sns delete-topic --topic-arn ${quote(id)}`,
  sqs: (id, region) =>
    `sqs delete-queue --queue-url $(aws sqs get-queue-url --output text --queue-name ${nameIn(id)} --region ${region})`,
  'ssm:parameter': (id) => `ssm delete-parameter --name ${quote(id.startsWith('/') ? id : `/${id}`)}`,
};

/** The AWS CLI's command that removes it; for what we do not make, the one that finds it. */
export function removalCommand(thing: ThingName, region: string): string {
  const command = COMMANDS[kindOf(thing)];
  const place = quote(region);
  const work =
    command === undefined
      ? `resourcegroupstaggingapi get-resources --resource-type-filters ${quote(kindOf(thing))}`
      : command(thing.id, place);
  return `aws ${work} --region ${place}`;
}

/** `ec2:vpc`; `s3` where ARNs have no noun. */
export function kindOf({ service, noun }: ThingName): string {
  return noun === '' ? service : `${service}:${noun}`;
}
