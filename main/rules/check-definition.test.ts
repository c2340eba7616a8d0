import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../shared/errors.ts';
import { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import { checkDefinition } from './check-definition.ts';

const jobs = new JobCatalogue();
const good = {
  id: 'late-calls', name: 'Late calls', events: ['communication.CallEnded', 'connector.LocationUpdated'],
  conditions: { all: [{ fact: 'event', path: '$.data.durationSeconds', operator: 'greaterThan', value: 600 }] },
  actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', body: '{{ data.callId }}' } }],
};

describe('checkDefinition', () => {
  it('takes a good rule', () => expect(checkDefinition(good, jobs)).toMatchObject({ id: 'late-calls', enabled: true }));
  it.each([
    ['rule', null],
    ['id', { ...good, id: 'Late calls' }],
    ['name', { ...good, name: '' }],
    ['condition', { ...good, condition: {} }],
    ['conditions.all.0.operator', { ...good, conditions: { all: [{ fact: 'event', operator: 'isLike', value: 1 }] } }],
    ['conditions', { ...good, conditions: { fact: 'event' } }],
    ['events.1', { ...good, events: ['communication.*', 'data.EntityCreated'] }],
    ['events.0', { ...good, events: ['connector.SyncFailed'] }],
    ['actions', { ...good, actions: [] }],
    ['actions.0.jobType', { ...good, actions: [{ jobType: 'SendPigeonJob', input: {} }] }],
    ['actions.0.input.to', { ...good, actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', body: 'x' } }] }],
    ['actions.0.input', { ...good, actions: [{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', body: '{{ data..x }}' } }] }],
  ])('names %s', (setting, value) => {
    const error = (() => {
      try {
        return checkDefinition(value, jobs);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).setting).toBe(setting);
    expect((error as ConfigError).message).toMatch(new RegExp(`^${setting}: [^.]+.*\\. Expected [^.]+`));
  });
});
