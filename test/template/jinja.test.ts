import { checkExpression } from "../../src/template/expression.ts";
import { parseText, placeInFile } from "../../src/template/handlebars.ts";
import { celForJinja } from "../../src/template/jinja-to-cel.ts";
import { blockForJinja, handlebarsForJinja } from "../../src/template/jinja-to-handlebars.ts";

const at = { file: "f.yml", line: 1, column: 1 };

/** Jinja, CEL, Handlebars; undefined where a person has to say it. */
const cases: readonly [jinja: string, cel: string | undefined, handlebars: string | undefined][] = [
  ["x", "x", "x"],
  ["x.y[0]", "x.y[0]", "x.y.[0]"],
  ["x.y.0.z", "x.y[0].z", "x.y.[0].z"],
  ["x['a-b']", "x['a-b']", "x.a-b"],
  ["x[name]", "x[name]", "item x name"],
  ["hostvars[h]['ip']", "hostvars[h].ip", "item hostvars h 'ip'"],
  ["x[-1]", "last(x)", "item x -1"],
  ["x | default('y')", "default(x, 'y')", "default x 'y'"],
  ["x | d(omit)", "default(x, omit)", "default x omit"],
  ["x | default('', true) | upper", "upper(default(x, '', true))", "upper (default x '' true)"],
  ["x | community.general.combine(y)", "combine(x, y)", "combine x y"],
  ["x | combine(y, recursive=True)", "combine(x, y, true)", "combine x y recursive=true"],
  ["users | map(attribute='id') | list", "map(users, 'id')", "map users attribute='id'"],
  ["users | map('upper') | join(',')", "join(users.map(x, upper(x)), ',')", undefined],
  ["users | selectattr('age', 'gt', 40) | list | length", "length(selectattr(users, 'age', 'gt', 40))", "length (selectattr users 'age' 'gt' 40)"],
  ["x is defined", "defined(x)", "defined x"],
  ["x is not defined", "!defined(x)", "not (defined x)"],
  ["x is undefined or not y", "!defined(x) || !y", "or (not (defined x)) (not y)"],
  ["x is defined and x | length > 0", "defined(x) && length(x) > 0", "and (defined x) (gt (length x) 0)"],
  ["r is failed", "failed(r)", "failed r"],
  ["r is success", "succeeded(r)", "succeeded r"],
  ["r is not changed", "!changed(r)", "not (changed r)"],
  ["x is none", "x == null", "none x"],
  ["x is not none", "x != null", "not (none x)"],
  ["x is sameas true", "x == true", "eq x true"],
  ["x is string", "type(x) == string", "string x"],
  ["v is version('2.0', '>=')", "version(v, '2.0', '>=')", "version v '2.0' '>='"],
  ["x is match 'a.*'", "match(x, 'a.*')", "match x 'a.*'"],
  ["x in [1, 2]", "x in [1, 2]", undefined],
  ["'a' in x.stdout", "contains(x.stdout, 'a')", "in 'a' x.stdout"],
  ["'a' not in x", "!contains(x, 'a')", "not (in 'a' x)"],
  ["inventory_hostname in groups['web']", "contains(groups.web, inventory_hostname)", "in inventory_hostname groups.web"],
  ["'web' in group_names", "'web' in group_names", "in 'web' group_names"],
  ["(a or b) and not (c and d)", "(a || b) && !(c && d)", "and (or a b) (not (and c d))"],
  ["not a in b", "!contains(b, a)", "not (in a b)"],
  ["a ~ '-' ~ b", "string(a) + '-' + string(b)", "concat a '-' b"],
  ["'a' if x else 'b'", "x ? 'a' : 'b'", "ternary x 'a' 'b'"],
  ["a + 1 * 2 - (3 - 4)", "a + 1 * 2 - (3 - 4)", undefined],
  ["port | int + 1", "int(port) + 1", undefined],
  ["x == True", "x == true", "eq x true"],
  ["x != None", "x != null", "ne x null"],
  ["foo.stdout.find('x') != -1", "contains(foo.stdout, 'x')", undefined],
  ["foo.stdout.find('x') == -1", "!contains(foo.stdout, 'x')", undefined],
  ["x.startswith('a')", "x.startsWith('a')", undefined],
  ["x.strip().lower()", "lower(trim(x))", undefined],
  ["x.split('/')[1]", "split(x, '/')[1]", undefined],
  ["d.get('k', 1)", "default(d.k, 1)", undefined],
  ["d.items()", "dict2items(d)", undefined],
  ["','.join(x)", "join(x, ',')", undefined],
  ["lookup('env', 'HOME')", "lookup('env', 'HOME')", "lookup 'env' 'HOME'"],
  ["lookup('password', 'x', length=12)", "lookup('password', 'x', {'length': 12})", "lookup 'password' 'x' length=12"],
  ["{'a': 1} | to_json", "to_json({'a': 1})", undefined],
  ["\"it's\"", "\"it's\"", "\"it's\""],
  ["'a\\\\d'", "'a\\\\d'", "'a\\d'"],
  ["x[1:]", undefined, undefined],
  ["x | frobnicate", undefined, undefined],
  ["x ** 2", undefined, undefined],
  ["a b", undefined, undefined],
  ["", undefined, undefined],
  ["(a", undefined, undefined],
  ["x = 1", undefined, undefined],
  ["a is", undefined, undefined],
];

test.each(cases)("%s", (jinja, cel, handlebars) => {
  expect(celForJinja(jinja)).toBe(cel);
  expect(handlebarsForJinja(jinja)).toBe(handlebars);
});

test.each(cases.flatMap(([, cel]) => (cel === undefined ? [] : [cel])))("%s is an expression", (source) => {
  expect(checkExpression({ source, at })).toEqual([]);
});

test.each(cases.flatMap(([, , handlebars]) => (handlebars === undefined ? [] : [`{{ ${handlebars} }}`])))("%s is a template", (source) => {
  expect(() => parseText(source, placeInFile("f"))).not.toThrow();
});

test.each<[string, string | undefined]>([
  [" if x is defined ", "{{#if (defined x)}}"],
  ["- if x -", "{{#if x}}"],
  [" elif x == 'a' ", "{{else if (eq x 'a')}}"],
  [" if loop.first ", "{{#if @first}}"],
  [" if not loop.last ", "{{#if (not @last)}}"],
  [" if loop.index > 2 ", undefined],
  [" else ", "{{else}}"],
  [" endif ", "{{/if}}"],
  [" for host in groups['web'] ", "{{#each groups.web as |host|}}"],
  [" for k, v in d.items() ", "{{#each d as |v k|}}"],
  [" for x in y | sort ", "{{#each (sort y) as |x|}}"],
  [" endfor ", "{{/each}}"],
  [" set x = 1 ", undefined],
  [" if x + 1 ", undefined],
])("{%%%s%%} is %s", (inside, block) => {
  expect(blockForJinja(inside)).toBe(block);
});
