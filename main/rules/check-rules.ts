/** What can be wrong with a rule is found when it is stored, not when its event comes. */
import { ConfigError } from '../../shared/errors.ts';
import type { RuleConfig } from '../config/site-config.ts';
import { parsePath } from './event-path.ts';
import { isOperator, OPERATOR_NAMES } from './operators.ts';
import { badPlace } from './template.ts';

/** @throws ConfigError naming `rules.<id>.…` for the first mistake. */
export function checkRules(rules: readonly RuleConfig[]): void {
  for (const rule of rules) {
    checkCondition(rule.conditions, `rules.${rule.id}.conditions`);
    rule.actions.forEach(({ input }, index) => {
      const bad = badPlace(input);
      if (bad !== null) throw new ConfigError(`rules.${rule.id}.actions.${index}.input`, `"${bad}" can't be read`, 'a path into the event in double braces, such as {{ data.from }}');
    });
  }
}

const LISTS = ['all', 'any'] as const;

function checkCondition(value: unknown, setting: string): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new ConfigError(setting, 'is not a condition', 'an object with all, any, not, or with fact, operator and value');
  const condition = value as Record<string, unknown>;
  for (const key of LISTS) {
    if (!(key in condition)) continue;
    const list = condition[key];
    if (!Array.isArray(list)) throw new ConfigError(`${setting}.${key}`, 'is not a list', 'a list of conditions');
    list.forEach((inner, index) => checkCondition(inner, `${setting}.${key}.${index}`));
    return;
  }
  if ('not' in condition) {
    checkCondition(condition.not, `${setting}.not`);
    return;
  }
  // At the top, json-rules-engine wants all, any or not.
  if (setting.endsWith('.conditions')) throw new ConfigError(setting, 'has none of all, any and not', 'conditions of json-rules-engine, such as { all: [ … ] }');
  const { fact, operator, path } = condition;
  if (fact !== 'event') throw new ConfigError(`${setting}.fact`, `"${String(fact)}" is not known`, 'event, the only fact there is');
  if (typeof operator !== 'string' || !isOperator(operator)) throw new ConfigError(`${setting}.operator`, `"${String(operator)}" is not known`, `one of ${OPERATOR_NAMES.join(', ')}`);
  if (!('value' in condition)) throw new ConfigError(`${setting}.value`, 'is missing', 'what to compare with');
  if (path !== undefined && (typeof path !== 'string' || parsePath(path) === null)) throw new ConfigError(`${setting}.path`, `"${String(path)}" can't be read`, 'a path into the event, such as $.data.customer.tier');
  if (/(^|:)(in|notIn)$/.test(operator) && typeof condition.value !== 'object') throw new ConfigError(`${setting}.value`, 'is not a list', `a list for the operator ${operator}`);
}
