import { useSummary } from '~/api/queries';
import { REASON, words } from '~/domain/states';
import { CurveChart, type Line } from '~/ui/CurveChart';
import { Facts, Panel } from '~/ui/layout';
import { Answer, Empty } from '~/ui/states';

/** Points of Unix seconds and value. */
type Series = Readonly<Record<string, readonly (readonly number[])[]>>;

const COLORS = ['--bar-quality', '--bar-trust', '--bad'];
const PREFIX = 'unmet_demand:';

const label = (reason: string) => REASON[reason]?.label ?? words(reason);

/** What kept matches from being made: so often since the start, and over the last hour where a Prometheus remembers it. */
export function UnmetDemand() {
  const summary = useSummary();
  return (
    <Panel title="Unmet demand" hint="Matches that found nothing, by what alone kept an offer out.">
      <div data-testid="unmet-demand">
        <Answer query={summary}>
          {(data) => {
            const found = Object.entries(data.marketplace?.unmet_demand_by_reason ?? {})
              .filter(([, count]) => count > 0)
              .sort(([, a], [, b]) => b - a);
            if (found.length === 0) return <Empty title="Every match found something" />;
            return (
              <>
                <OverTime series={data.history?.series ?? {}} reasons={found.map(([reason]) => reason)} />
                <Facts rows={found.map(([reason, count]) => [label(reason), count])} />
              </>
            );
          }}
        </Answer>
      </div>
    </Panel>
  );
}

/** The three most frequent reasons, in matches of five minutes. */
function OverTime({ series, reasons }: { series: Series; reasons: readonly string[] }) {
  const shown = reasons.filter((reason) => `${PREFIX}${reason}` in series).slice(0, COLORS.length);
  if (shown.length === 0) return null;
  const of = (reason: string) =>
    new Map((series[`${PREFIX}${reason}`] ?? []).map(([at, value]) => [at ?? 0, value ?? 0]));
  const times = [...new Set(shown.flatMap((reason) => [...of(reason).keys()]))].sort((a, b) => a - b);
  const last = times.at(-1) ?? 0;
  const lines: Line[] = shown.map((reason, at) => ({
    label: label(reason),
    values: times.map((time) => of(reason).get(time) ?? null),
    color: COLORS[at] ?? '--bar-quality',
    side: 'left',
  }));
  return (
    <CurveChart
      xs={times.map((time) => (time - last) / 60)}
      lines={lines}
      now={null}
      said={`Unmet demand over the last hour, in minutes before now: ${shown.map(label).join(', ')}`}
    />
  );
}
