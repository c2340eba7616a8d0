/** The configuration behind the story of the house: when a VIP calls, tell ops by webhook. */
export function vipSite(webhookUrl: string, more: object = {}): object {
  return {
    site: 'test',
    channels: { ops: { kind: 'webhook', url: webhookUrl } },
    rules: [
      {
        id: 'vip-caller',
        name: 'Tell ops when a VIP calls',
        events: ['communication.CallStarted'],
        conditions: { all: [{ fact: 'event', path: '$.data.customer.tier', operator: 'equal', value: 'vip' }] },
        actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', subject: 'VIP', body: 'VIP {{ data.from }} is on the line' } }],
      },
    ],
    ...more,
  };
}

export const vipCall = (callId: string): Record<string, unknown> => ({ callId, from: '+49 30 901820', to: '+49 30 5550100', direction: 'inbound', customer: { id: 42, tier: 'vip' } });
