package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.SchedulerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A run of a scheduler over the network {@code 0.3 x + 0.1 sin(x + t / 1000)}: the levels it visits, what the network gets
 * to see, every state, and noise added to clean data.
 *
 * @param tensors the file of the class's tensors, those of this run under its id
 */
record SchedulerReplay(Path tensors, String className, JsonObject json) implements Replay {
    private static final Tolerance FLOAT = new Tolerance(1e-9, 1e-6);

    @Override
    @SuppressWarnings("try")
    public void run(Workbench bench, Comparison comparison) throws IOException {
        checkCovered();
        JsonElement eta = json.getAsJsonObject("step_kwargs").get("eta");
        Scheduler scheduler = SchedulerRefusal.check(config(), name(), eta == null ? 0 : eta.getAsDouble());
        Plan plan = scheduler.plan(
                json.getAsJsonObject("set_timesteps").get("num_inference_steps").getAsInt());
        comparePlan(plan, comparison);
        try (SafeTensors file = SafeTensors.open(tensors);
                NDManager manager = bench.newManager();
                NDScope scope = new NDScope()) {
            Run run = new Run(file, manager, scheduler, plan, comparison);
            run.compareTrajectory();
            run.compareNoising();
        }
    }

    private String name() {
        return className + " " + json.get("id").getAsString();
    }

    private JsonObject config() {
        JsonObject config = json.getAsJsonObject("config_given").deepCopy();
        config.addProperty("_class_name", className);
        return config;
    }

    /** Refuses what no scheduler here can be asked for. */
    private void checkCovered() {
        Set<String> asked = new TreeSet<>();
        json.getAsJsonObject("set_timesteps").asMap().forEach((key, value) -> {
            if (!value.isJsonNull()) {
                asked.add(key);
            }
        });
        if (!asked.equals(Set.of("num_inference_steps"))) {
            throw new NotCovered("steps picked by hand: " + String.join(", ", asked));
        }
        for (String key : json.getAsJsonObject("step_kwargs").keySet()) {
            if (!key.equals("eta")) {
                throw new NotCovered("step argument " + key);
            }
        }
    }

    private void comparePlan(Plan plan, Comparison comparison) {
        List<Double> timesteps = numbers("timesteps");
        comparison.number("steps", plan.steps(), timesteps.size(), Tolerance.NONE);
        double largest = timesteps.stream().mapToDouble(t -> t).max().orElse(0);
        Tolerance units = new Tolerance(4 * Math.ulp((float) largest), 0);
        for (int i = 0; i < Math.min(plan.steps(), timesteps.size()); i++) {
            comparison.number("timesteps", plan.level(i).timestep(), timesteps.get(i), units);
        }
        List<Double> sigmas = numbers("sigmas");
        for (int i = 0; i < Math.min(plan.steps() + 1, sigmas.size()); i++) {
            comparison.number("sigmas", plan.level(i).ratio(), sigmas.get(i), FLOAT);
        }
        if (json.has("init_noise_sigma")) {
            double scale = json.get("init_noise_sigma").getAsDouble();
            double alpha = scale == 1 ? 1 : coordinates().toOurs(plan.level(0));
            comparison.number("init_noise_sigma", plan.initialScale(), scale * alpha, FLOAT);
        }
    }

    private Coordinates coordinates() {
        return Coordinates.of(className);
    }

    private List<Double> numbers(String key) {
        return json.has(key) && json.get(key).isJsonArray()
                ? json.getAsJsonArray(key).asList().stream()
                        .map(JsonElement::getAsDouble)
                        .toList()
                : List.of();
    }

    /** The part that needs arrays. */
    private final class Run {
        private final SafeTensors file;
        private final NDManager manager;
        private final Scheduler scheduler;
        private final Plan plan;
        private final Comparison comparison;
        private final PredictionType predictionType;

        Run(SafeTensors file, NDManager manager, Scheduler scheduler, Plan plan, Comparison comparison) {
            this.file = file;
            this.manager = manager;
            this.scheduler = scheduler;
            this.plan = plan;
            this.comparison = comparison;
            this.predictionType = SchedulerConfig.from(config(), name()).predictionType();
        }

        void compareTrajectory() throws IOException {
            NDArray trajectory = tensor("trajectory");
            List<NDArray> seen = new ArrayList<>();
            NoiseSource noise = recordedNoise();
            SamplerState state =
                    SamplerState.start(tensor("start").mul(coordinates().toOurs(plan.level(0))));
            for (int i = 0; i < plan.steps(); i++) {
                NoiseLevel to = plan.stage(i).to();
                state = scheduler.step(plan, state, network(seen), noise);
                compare("trajectory", state.latents(), to, trajectory.get(i));
            }
            if (has("scaled_model_input")) {
                NDArray inputs = tensor("scaled_model_input");
                for (int i = 0; i < inputs.getShape().get(0); i++) {
                    comparison.arrays("scaled_model_input", seen.get(i), inputs.get(i), tolerance());
                }
            }
        }

        /** The network of the reference runs, which keeps what it sees. */
        private Denoiser network(List<NDArray> seen) {
            return (x, at) -> {
                seen.add(x);
                NDArray output =
                        x.mul(0.3).add(x.add(at.timestep() / 1000).sin().mul(0.1));
                return predictionType.read(output, x, at);
            };
        }

        private NoiseSource recordedNoise() throws IOException {
            if (!has("noise")) {
                return like -> {
                    throw new IllegalStateException("noise was drawn, where the reference draws none");
                };
            }
            NDArray recorded = tensor("noise");
            AtomicInteger drawn = new AtomicInteger();
            return like -> recorded.get(drawn.getAndIncrement());
        }

        void compareNoising() throws IOException {
            List<Double> timesteps = numbers("add_noise_timesteps");
            if (timesteps.isEmpty()) {
                return;
            }
            NDArray x0 = file.read("add_noise_x/" + timesteps.size(), manager);
            NDArray eps = file.read("add_noise_n/" + timesteps.size(), manager);
            for (int i = 0; i < timesteps.size(); i++) {
                NoiseLevel at = level(timesteps.get(i));
                Prediction clean = new Prediction(x0.get(i), eps.get(i));
                compare("add_noise", clean.at(at), at, tensor("add_noise").get(i));
                // The reference's Euler takes alphas at the number of the step instead of at its timestep.
                if (has("get_velocity") && !coordinates().dividesByAlpha()) {
                    NDArray velocity = PredictionType.V_PREDICTION.output(clean, at);
                    comparison.arrays(
                            "get_velocity", velocity, tensor("get_velocity").get(i), tolerance());
                }
            }
        }

        /** The level of a timestep; the reference takes the second of two equal ones. */
        private NoiseLevel level(double timestep) {
            double near = 4 * Math.ulp((float) timestep);
            return plan.stages().stream()
                    .map(Plan.Stage::at)
                    .filter(at -> Math.abs(at.timestep() - timestep) <= Math.max(near, 2e-4))
                    .limit(2)
                    .reduce((first, second) -> second)
                    .orElseThrow(() -> new IllegalStateException("no step is at timestep " + timestep));
        }

        private void compare(String output, NDArray got, NoiseLevel level, NDArray expected) {
            float[] converted = coordinates().toReference(got.toFloatArray(), level);
            comparison.floats(output, converted, expected.toFloatArray(), tolerance());
        }

        private Tolerance tolerance() {
            return Tolerance.of(json);
        }

        private boolean has(String name) {
            return file.tensors().containsKey(key(name));
        }

        private NDArray tensor(String name) throws IOException {
            return file.read(key(name), manager);
        }

        private String key(String name) {
            return json.get("id").getAsString() + "/" + name;
        }
    }
}
