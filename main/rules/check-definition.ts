/** A rule as a person wrote it: every mistake names its field, and what never could work is refused. */
import * as z from 'zod';
import { domainOf } from '../../shared/envelope.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import { RuleDefinition } from '../../shared/rule-definition.ts';
import { checkRules } from './check-rules.ts';

/** The job type that evaluates rules: its triggers say what reaches them. */
const EVALUATES = 'RunRuleEngineJob';

/** Event types, or `domain.*`, that reach the rules. */
export function reachingEvents(jobs: Pick<JobCatalogue, 'get'>): string[] {
  return (jobs.get(EVALUATES)?.triggers ?? []).map(({ event }) => event);
}

/** @throws ConfigError naming the field (`conditions.all.0.operator`) for the first mistake. */
export function checkDefinition(value: unknown, jobs: Pick<JobCatalogue, 'get' | 'all'>): RuleDefinition {
  const parsed = RuleDefinition.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.map(String).join('.') ?? '';
    if (issue?.code === 'unrecognized_keys') throw new ConfigError([path, issue.keys[0]].filter(Boolean).join('.'), 'is no part of a rule', 'id, name, enabled, events, conditions, actions; of an action jobType and input');
    throw new ConfigError(path === '' ? 'rule' : path, 'is not right', issue?.message ?? 'a rule');
  }
  const rule = parsed.data;
  try {
    checkRules([rule]);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const prefix = `rules.${rule.id}.`;
    throw new ConfigError(error.setting.replace(prefix, ''), error.message.slice(`${error.setting}: `.length, -`. Expected ${error.expected}.`.length), error.expected, { cause: error });
  }
  const reaching = reachingEvents(jobs);
  rule.events?.forEach((event, index) => {
    if (!reaches(event, reaching)) throw new ConfigError(`events.${index}`, `"${event}" never reaches the rules`, `one of ${reaching.join(', ')}, or a type of such a domain`);
  });
  rule.actions.forEach(({ jobType, input }, index) => {
    const job = jobs.get(jobType);
    if (!job) throw new ConfigError(`actions.${index}.jobType`, `there is no job type "${jobType}"`, `one of ${jobs.all().map(({ type }) => type).join(', ')}`);
    // What a text will be once it is filled in is not known yet; what is not there at all is.
    const missing = requiredOf(job.schema).find((key) => !(key in input));
    if (missing !== undefined) throw new ConfigError(`actions.${index}.input.${missing}`, 'is missing', `what ${jobType} needs: ${requiredOf(job.schema).join(', ')}`);
  });
  return rule;
}

function reaches(event: string, reaching: readonly string[]): boolean {
  return reaching.some((known) => known === event || known === `${domainOf(event)}.*` || (event.endsWith('.*') && domainOf(known) === domainOf(event)));
}

function requiredOf(schema: z.ZodType): readonly string[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json.required ?? [];
}
