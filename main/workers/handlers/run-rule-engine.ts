/** RunRuleEngineJob: evaluates the stored rules against an event; publishes what matched and what is asked for. */
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import { isNotForRule, RuleEngine } from '../../rules/rule-engine.ts';
import type { Handler } from '../handler.ts';
import type { HandlerSettings } from './handler-settings.ts';

export function runRuleEngine(settings: Pick<HandlerSettings, 'rules'>): Handler<InputOf<'RunRuleEngineJob'>> {
  let engine = new RuleEngine([]);
  return async (attempt) => {
    const { event } = attempt.input;
    const rules = await settings.rules.all();
    if (engine.rules !== rules) engine = new RuleEngine(rules);
    for (const { rule, actions } of await engine.evaluate(event)) {
      if (isNotForRule(event.source, rule.id)) continue;
      attempt.emit('rule.ConditionMatched', { ruleId: rule.id, ruleName: rule.name, eventType: event.eventType });
      for (const { jobType, input } of actions) attempt.emit('rule.ActionTriggered', { ruleId: rule.id, jobType, input });
    }
  };
}
