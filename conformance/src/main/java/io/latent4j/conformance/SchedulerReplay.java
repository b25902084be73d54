package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        Scheduler scheduler = SchedulerRefusal.check(config(), name());
        Plan plan = scheduler.plan(steps(), LatentSize.UNTOLD, first());
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

    /** What the class is made of, and what its every step is told: here one and the same. */
    private JsonObject config() {
        JsonObject config = json.getAsJsonObject("config_given").deepCopy();
        config.addProperty("_class_name", className);
        json.getAsJsonObject("step_kwargs").asMap().forEach(config::add);
        if (asked().has("strength")) {
            config.add("strength", asked().get("strength"));
        }
        if (asked().has("mu")) { // of one size, which is not recorded: the same of all
            config.add("base_shift", asked().get("mu"));
            config.add("max_shift", asked().get("mu"));
        }
        return config;
    }

    private JsonObject asked() {
        return json.getAsJsonObject("set_timesteps");
    }

    private Steps steps() {
        if (asked().has("timesteps")) {
            return Steps.atTimesteps(numbers(asked(), "timesteps"));
        }
        return asked().has("sigmas")
                ? Steps.atSigmas(listedSigmas())
                : Steps.of(asked().get("num_inference_steps").getAsInt());
    }

    /** Those of a flow end with the last step's beginning, and the reference adds the end. */
    private List<Double> listedSigmas() {
        List<Double> sigmas = new ArrayList<>(numbers(asked(), "sigmas"));
        if (model().kind() == ProcessKind.RECTIFIED_FLOW) {
            sigmas.add(0.0);
        }
        return sigmas;
    }

    private SchedulerConfig model() {
        return SchedulerConfig.from(config(), name());
    }

    /** The step that the run begins with. */
    private int first() {
        return json.has("begin_index") ? json.get("begin_index").getAsInt() : 0;
    }

    /** The levels that the network was asked at, from the run's first on. */
    private List<Double> timesteps() {
        List<Double> all = numbers(json, "timesteps");
        return all.subList(first() * json.get("order").getAsInt(), all.size());
    }

    private void comparePlan(Plan plan, Comparison comparison) {
        List<Double> sigmas = sigmas(plan);
        NoiseProcess process = model().process();
        for (int i = 0; i < sigmas.size(); i++) {
            comparison.number("sigmas", process.sigma(plan.level(i)), sigmas.get(i), FLOAT);
        }
        if (json.has("init_noise_sigma")) {
            double scale = json.get("init_noise_sigma").getAsDouble();
            double alpha = scale == 1 ? 1 : coordinates().toOurs(plan.level(0));
            comparison.number("init_noise_sigma", plan.initialScale(), scale * alpha, FLOAT);
        }
    }

    /** The levels of our steps. The reference lists levels between twice or not at all; the network's inputs show those. */
    private List<Double> sigmas(Plan plan) {
        List<Double> all = numbers(json, "sigmas");
        int whole = plan.skipped() + plan.steps();
        List<Double> sigmas =
                all.size() <= whole + 1 ? all : all.stream().distinct().toList();
        return sigmas.size() == whole + 1 ? sigmas.subList(plan.skipped(), whole + 1) : List.of();
    }

    private Coordinates coordinates() {
        return Coordinates.of(className);
    }

    private static List<Double> numbers(JsonObject json, String key) {
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
        private final NoiseProcess process;
        private final PredictionType type;

        Run(SafeTensors file, NDManager manager, Scheduler scheduler, Plan plan, Comparison comparison) {
            this.file = file;
            this.manager = manager;
            this.scheduler = scheduler;
            this.plan = plan;
            this.comparison = comparison;
            SchedulerConfig config = model();
            this.process = config.process();
            this.type = config.predictionType();
        }

        /** Call by call: what the network is asked shows the state before; methods of higher order ask twice a step. */
        void compareTrajectory() throws IOException {
            List<NDArray> inputs = new ArrayList<>();
            List<NDArray> states = new ArrayList<>();
            List<NoiseLevel> levels = new ArrayList<>();
            Denoiser asked = (latents, at) -> {
                states.add(latents);
                levels.add(at);
                inputs.add(process.input(latents, at));
                return process.read(type, output(inputs.get(inputs.size() - 1), at), latents, at);
            };
            NoiseSource noise = recordedNoise();
            SamplerState state =
                    SamplerState.start(tensor("start").mul(coordinates().toOurs(plan.level(0))));
            for (int i = 0; i < plan.steps(); i++) {
                state = scheduler.step(plan, state, asked, noise);
            }
            states.add(state.latents());
            levels.add(plan.stage(plan.steps() - 1).to());
            compareTimesteps(levels);
            NDArray trajectory = tensor("trajectory");
            for (int i = 1; i < states.size(); i++) {
                compare("trajectory", states.get(i), levels.get(i), trajectory.get(i - 1));
            }
            if (has("scaled_model_input")) {
                NDArray scaled = tensor("scaled_model_input");
                for (int i = 0; i < scaled.getShape().get(0); i++) {
                    comparison.arrays("scaled_model_input", inputs.get(i), scaled.get(i), tolerance());
                }
            }
        }

        private void compareTimesteps(List<NoiseLevel> levels) {
            List<Double> timesteps = timesteps();
            comparison.number("calls", levels.size() - 1, timesteps.size(), Tolerance.NONE);
            double largest = timesteps.stream().mapToDouble(t -> t).max().orElse(0);
            Tolerance units = new Tolerance(8 * Math.ulp((float) largest), 0);
            for (int i = 0; i < Math.min(levels.size() - 1, timesteps.size()); i++) {
                comparison.number("timesteps", levels.get(i).timestep(), timesteps.get(i), units);
            }
        }

        /** The network of the reference runs; one that learned its variance answers twice the channels. */
        private NDArray output(NDArray x, NoiseLevel at) {
            double phase = at.timestep() / 1000;
            NDArray output = x.mul(0.3).add(x.add(phase).sin().mul(0.1));
            JsonElement type = json.getAsJsonObject("config_given").get("variance_type");
            return type != null && type.getAsString().startsWith("learned")
                    ? output.concat(x.mul(2).add(phase).cos().mul(0.5), 1)
                    : output;
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
            List<Double> timesteps = numbers(json, "add_noise_timesteps");
            if (timesteps.isEmpty() || !has("add_noise") || takesOneLevelForAll(timesteps)) {
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

        /** The reference's Heun for flows looks all timesteps up as if they were one. */
        private boolean takesOneLevelForAll(List<Double> timesteps) {
            return className.equals("FlowMatchHeunDiscreteScheduler") && timesteps.size() > 1;
        }

        /** The level of a timestep; the reference takes the second of two equal ones, and for a midpoint the step's end. */
        private NoiseLevel level(double timestep) {
            int call = numbers(json, "timesteps").indexOf(timestep);
            double near = 4 * Math.ulp((float) timestep);
            Plan whole = plan.skipped() == 0 ? plan : scheduler.plan(steps(), LatentSize.UNTOLD);
            return whole.stages().stream()
                    .map(Plan.Stage::at)
                    .filter(at -> Math.abs(at.timestep() - timestep) <= Math.max(near, 2e-4))
                    .limit(2)
                    .reduce((first, second) -> second)
                    .orElseGet(() -> whole.stage(call / 2).to());
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
