package io.latent4j.schedulers.catalogue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.ReferenceTensors;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** One run of the reference implementation: its settings and every state it went through. */
public record ReferenceCase(String className, JsonObject json, ReferenceTensors tensors) {
    private static final String FULL = System.getProperty("reference", "");

    public static boolean isFullSet() {
        return !FULL.isEmpty();
    }

    /** The cases of {@code className}: all of them where {@code -Dreference} names their folder, else a few. */
    public static List<ReferenceCase> of(String className) {
        Path root = folder(FULL);
        try {
            JsonObject json = JsonParser.parseString(Files.readString(root.resolve(className + ".json")))
                    .getAsJsonObject();
            ReferenceTensors tensors = ReferenceTensors.read(root.resolve(className + ".safetensors"));
            List<ReferenceCase> cases = new ArrayList<>();
            for (JsonElement element : json.getAsJsonArray("cases")) {
                cases.add(new ReferenceCase(className, element.getAsJsonObject(), tensors));
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The classes that this module's own folder of cases has. */
    static List<String> classes() {
        try (Stream<Path> files = Files.list(folder(""))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder(String full) {
        Path reference = full.isEmpty()
                ? Path.of("src/test/resources/reference")
                : Path.of(System.getProperty("latent4j.root", "..")).resolve(full);
        return reference.resolve("cases").resolve("schedulers");
    }

    public String id() {
        return json.get("id").getAsString();
    }

    /** What the class is made of, and what its every step is told: here one and the same. */
    SchedulerConfig config() {
        JsonObject config = json.getAsJsonObject("config_given").deepCopy();
        config.addProperty("_class_name", className);
        json.getAsJsonObject("step_kwargs").asMap().forEach(config::add);
        Optional.ofNullable(json.getAsJsonObject("set_timesteps").get("strength"))
                .ifPresent(strength -> config.add("strength", strength));
        return SchedulerConfig.from(config, className + " " + id());
    }

    Scheduler scheduler() {
        return Schedulers.from(config());
    }

    Plan plan() {
        return scheduler().plan(steps());
    }

    private Steps steps() {
        JsonObject asked = json.getAsJsonObject("set_timesteps");
        if (asked.has("timesteps")) {
            return Steps.atTimesteps(numbers(asked, "timesteps"));
        }
        return asked.has("sigmas")
                ? Steps.atSigmas(numbers(asked, "sigmas"))
                : Steps.of(asked.get("num_inference_steps").getAsInt());
    }

    public List<Double> numbers(String key) {
        return numbers(json, key);
    }

    private static List<Double> numbers(JsonObject json, String key) {
        return Stream.ofNullable(json.getAsJsonArray(key))
                .flatMap(list -> StreamSupport.stream(list.spliterator(), false))
                .map(JsonElement::getAsDouble)
                .toList();
    }

    double number(String key) {
        return json.get(key).getAsDouble();
    }

    public NDArray tensor(String name, NDManager manager) {
        return tensors.get(id() + "/" + name, manager);
    }

    public Optional<NDArray> findTensor(String name, NDManager manager) {
        return tensors.find(id() + "/" + name, manager);
    }

    /** Whether the reference keeps latents at {@code x0 + ratio · eps}: ours divided by alpha. */
    private boolean dividesByAlpha() {
        return Stream.of("Euler", "EDM", "LMS", "Heun", "KDPM2", "DPMSolverSDE").anyMatch(className::startsWith);
    }

    NDArray toOurs(NDArray latents, NoiseLevel at) {
        return dividesByAlpha() ? latents.mul(at.alpha()) : latents;
    }

    NDArray toReference(NDArray latents, NoiseLevel at) {
        return dividesByAlpha() ? latents.div(at.alpha()) : latents;
    }

    /** The network of the reference runs. */
    Denoiser denoiser() {
        NoiseProcess network = config().process();
        PredictionType type = config().predictionType();
        return (latents, at) -> {
            NDArray x = network.input(latents, at);
            double phase = at.timestep() / 1000;
            NDArray output = x.mul(0.3).add(x.add(phase).sin().mul(0.1));
            NDArray variance = x.mul(2).add(phase).cos().mul(0.5);
            return network.read(type, learnsVariance() ? output.concat(variance, 1) : output, latents, at);
        };
    }

    private boolean learnsVariance() {
        JsonElement type = json.getAsJsonObject("config_given").get("variance_type");
        return type != null && type.getAsString().startsWith("learned");
    }

    @Override
    public String toString() {
        return className + " " + id();
    }
}
