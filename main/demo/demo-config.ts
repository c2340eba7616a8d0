/** What the demo adds to a site's configuration. Every id begins with `demo-`. */
import { type ConnectorConfig, RuleConfig, type SiteConfig } from '../config/site-config.ts';
import { DEAD_NUMBER, DEPOT_AREA, UNKNOWN_READER } from './demo-people.ts';

export interface DemoConfig {
  readonly channels: SiteConfig['channels'];
  readonly gateways: SiteConfig['gateways'];
  readonly llm: NonNullable<SiteConfig['llm']>;
  readonly connectors: ConnectorConfig[];
  readonly rules: RuleConfig[];
}

export const DEMO_CHANNEL = 'demo-ops';
export const DEMO_CONNECTOR = 'demo-crm';

/**
 * `url` is that of the demo's endpoints. Rules that place calls or send faxes are there only if the gateway will be
 * the demo's: invented customers must not make a real gateway ring anybody.
 */
export function demoConfig(url: string, own: { readonly telephony: boolean; readonly fax: boolean }): DemoConfig {
  return {
    channels: { [DEMO_CHANNEL]: { kind: 'webhook', url: `${url}/ops`, headers: {} } },
    gateways: { telephony: { url: `${url}/calls` }, fax: { url: `${url}/faxes` } },
    llm: { url: `${url}/v1`, model: 'demo-model' },
    connectors: [
      {
        id: DEMO_CONNECTOR,
        kind: 'http-json',
        url: `${url}/crm/customers`,
        records: 'customers',
        idField: 'id',
        headers: {},
        mapping: '{ "entityType": "demo-customer", "entityId": id, "attributes": { "name": name, "tier": tier, "phone": phone, "email": email, "city": city, "language": language, "lastContact": lastContact } }',
      },
    ],
    rules: demoRules(own),
  };
}

/** A condition over the event. */
const when = (path: string, operator: string, value: unknown): Record<string, unknown> => ({ fact: 'event', path, operator, value });
/** Demo rules look at demo events only: a real caller must not end at a demo endpoint. */
const isDemo = when('$.source', 'startsWith', 'demo.');
const message = (to: string, subject: string, body: string): RuleConfig['actions'][number] => ({ jobType: 'SendOutgoingMessageJob', input: { channel: DEMO_CHANNEL, to, subject, body } });

function demoRules(own: { readonly telephony: boolean; readonly fax: boolean }): RuleConfig[] {
  const rules: { id: string; name: string; events: string[]; conditions: Record<string, unknown>[]; actions: RuleConfig['actions']; needs?: 'telephony' | 'fax' }[] = [
    {
      id: 'demo-vip-call',
      name: 'Tell ops when a VIP calls',
      events: ['communication.CallStarted'],
      conditions: [when('$.data.customer.tier', 'equal', 'vip')],
      actions: [message('ops', 'VIP on the line', '{{ data.customer.name }} calls from {{ data.from }}.')],
    },
    {
      id: 'demo-missed-vip',
      name: 'Call back when a VIP was missed',
      events: ['communication.CallEnded'],
      conditions: [when('$.data.outcome', 'in', ['missed', 'busy']), when('$.data.customer.tier', 'equal', 'vip')],
      actions: [{ jobType: 'PlaceCallJob', input: { to: '{{ data.from }}', announcement: 'You called us a moment ago.' } }],
      needs: 'telephony',
    },
    {
      id: 'demo-missed-new',
      name: 'Call back a new customer that was missed, on the number from the old list',
      events: ['communication.CallEnded'],
      conditions: [when('$.data.outcome', 'equal', 'missed'), when('$.data.customer.tier', 'equal', 'new')],
      actions: [{ jobType: 'PlaceCallJob', input: { to: DEAD_NUMBER } }],
      needs: 'telephony',
    },
    {
      id: 'demo-refund',
      name: 'Tell the accounts desk about refunds',
      events: ['communication.MessageReceived'],
      conditions: [when('$.data.body', 'containsText', 'refund')],
      actions: [message('accounts', 'Refund: {{ data.subject }}', '{{ data.from }} writes: {{ data.body }}')],
    },
    {
      id: 'demo-contract-fax',
      name: 'Fax the contract that a customer asks for',
      events: ['communication.MessageReceived'],
      conditions: [when('$.data.subject', 'containsText', 'contract')],
      actions: [{ jobType: 'SendFaxJob', input: { to: '+49 30 23125 902', text: 'Contract for {{ data.from }}' } }],
      needs: 'fax',
    },
    {
      id: 'demo-archive',
      name: 'Pass archive requests on to a desk that is gone',
      events: ['communication.MessageReceived'],
      conditions: [when('$.data.subject', 'containsText', 'archive')],
      actions: [message(UNKNOWN_READER, '{{ data.subject }}', '{{ data.body }}')],
    },
    {
      id: 'demo-van-at-depot',
      name: 'Tell the yard when a van is back',
      events: ['connector.LocationUpdated'],
      conditions: [
        when('$.data.latitude', 'greaterThan', DEPOT_AREA.south), when('$.data.latitude', 'lessThan', DEPOT_AREA.north),
        when('$.data.longitude', 'greaterThan', DEPOT_AREA.west), when('$.data.longitude', 'lessThan', DEPOT_AREA.east),
      ],
      actions: [message('yard', 'Van is back', '{{ data.subject }} is at the depot.')],
    },
  ];
  return rules
    .filter(({ needs }) => needs === undefined || own[needs])
    .map(({ id, name, events, conditions, actions }) => RuleConfig.parse({ id, name, events, conditions: { all: [isDemo, ...conditions] }, actions }));
}
