import { SbwError } from '../../../errors.ts';
import type { NetworkCard, Networks } from '../../ports/networks.ts';
import type { Patience } from './patience.ts';

const CARD_POLL_MS = 10_000;
/** What AWS promises. */
const USUAL_MINUTES = 20;

/** Of all that Lambda makes; the requester is a role's id that nobody knows beforehand. */
const LAMBDA_CARD = /^AWS Lambda VPC ENI-/;

/**
 * Waits until Lambda has let go of its network cards in our VPC, and deletes each one as soon as it is free instead
 * of waiting for Lambda to. While one is there, its subnet and its security group cannot be deleted.
 *
 * @param place only cards in this VPC that wear one of these groups are touched
 * @throws SbwError TEARDOWN_CARDS_STUCK
 */
export async function freeCards(
  networks: Networks,
  place: { readonly vpcId: string; readonly securityGroupIds: readonly string[] },
  patience: Patience,
  say: (text: string) => void,
): Promise<'done' | 'gone'> {
  let held: readonly NetworkCard[] = [];
  try {
    for (let isFirst = true; ; isFirst = false) {
      const cards = (await networks.listCards(place.vpcId)).filter((card) => isOurs(card, place));
      held = await deleteFree(networks, cards);
      if (held.length === 0) return isFirst && cards.length === 0 ? 'gone' : 'done';
      const minutes = Math.floor(patience.elapsedMs() / 60_000);
      const noun = held.length === 1 ? 'card' : 'cards';
      say(
        `waiting for AWS to release ${held.length} Lambda network ${noun}, ${minutes} of about ${USUAL_MINUTES} min`,
      );
      await patience.wait(CARD_POLL_MS);
    }
  } catch (error) {
    throw error instanceof SbwError && error.kind === 'timeout' ? stuck(held, error) : error;
  }
}

/** @returns those that are not free */
async function deleteFree(networks: Networks, cards: readonly NetworkCard[]): Promise<NetworkCard[]> {
  const held: NetworkCard[] = [];
  for (const card of cards) {
    if (card.status !== 'available' || !(await tryDelete(networks, card.id))) held.push(card);
  }
  return held;
}

/** Who may not delete a card has to wait until Lambda does. */
async function tryDelete(networks: Networks, id: string): Promise<boolean> {
  try {
    return await networks.deleteCard(id);
  } catch (error) {
    if (error instanceof SbwError && error.code === 'AWS_ACCESS_DENIED') return false;
    throw error;
  }
}

function stuck(held: readonly NetworkCard[], cause: SbwError): SbwError {
  const ids = held.map(({ id, status }) => `${id} (${status})`).join(', ');
  return new SbwError('TEARDOWN_CARDS_STUCK', `Lambda still holds ${ids}.`, {
    kind: 'timeout',
    fix: 'wait an hour and run the same command again; after that ask AWS support to release them',
    cause,
  });
}

function isOurs(
  { description, vpcId, securityGroupIds }: NetworkCard,
  place: { readonly vpcId: string; readonly securityGroupIds: readonly string[] },
): boolean {
  const wearsOurs = securityGroupIds.some((id) => place.securityGroupIds.includes(id));
  return vpcId === place.vpcId && wearsOurs && LAMBDA_CARD.test(description);
}
