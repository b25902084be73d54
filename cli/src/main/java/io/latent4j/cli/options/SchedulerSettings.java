package io.latent4j.cli.options;

import com.google.common.collect.ImmutableMap;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** Other values for what the model's scheduler file says. */
public final class SchedulerSettings {
    @Option(
            names = "--scheduler-setting",
            paramLabel = "KEY=VALUE",
            description = "Another value for a key of the model's scheduler_config.json: timestep_spacing=trailing,"
                    + " solver_order=3, algorithm_type=sde-dpmsolver++ and so on; may be given several times.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** What is set. */
    public Set<String> keys() {
        return settings.keySet();
    }

    /** What is set, with the values, in the order of the options. */
    Map<String, String> values() {
        return ImmutableMap.copyOf(settings);
    }

    /**
     * What the model's file says, set anew.
     *
     * @throws IllegalArgumentException for a key or value that no method understands
     */
    public SchedulerConfig set(SchedulerConfig config) {
        return setWhere(key -> true, config);
    }

    /** The same, of the keys that {@code counts}. */
    public SchedulerConfig setWhere(Predicate<String> counts, SchedulerConfig config) {
        SchedulerConfig all = config;
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            if (counts.test(setting.getKey())) {
                all = all.withSetting(setting.getKey(), setting.getValue());
            }
        }
        return all;
    }
}
