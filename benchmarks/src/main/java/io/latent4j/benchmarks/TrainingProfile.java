package io.latent4j.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.training.Training;
import io.latent4j.training.TrainingKind;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How much of a training step libtorch's operators take, by libtorch's own profiler, and how much what calls them: the run
 * file that {@code latent4j train text-to-image --example} prints, on a folder of its own.
 *
 * <p>The first argument is an empty or new folder; what follows changes keys of the run file, {@code training.batch=8} for
 * instance.
 */
public final class TrainingProfile {
    private static final int WARM = 10;
    private static final int PROFILED = 10;
    private static final int SHOWN = 12;
    private static final double MICROSECONDS = 1e6;
    private static final Pattern OPERATOR = Pattern.compile("^(aten|autograd|torch)::");
    private static final double NANOSECONDS = 1e9;

    private TrainingProfile() {}

    /** Runs it and prints what took how long. */
    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            throw new IllegalArgumentException("expected a folder to work in, and changes to the run file after it");
        }
        run(Path.of(args[0]), List.of(args).subList(1, args.length), System.out);
    }

    static void run(Path folder, List<String> more, PrintStream out) throws IOException {
        Files.createDirectories(folder);
        train(
                TrainingKind.AUTOENCODER,
                folder,
                List.of(
                        "data.scenes=16",
                        "data.set_aside=4",
                        "training.steps=1",
                        "training.warmup=0",
                        "training.batch=4"),
                new Quiet());
        List<String> changes = new ArrayList<>(List.of(
                "data.scenes=192", // few enough to be encoded in the warm-up, as they are in all epochs but the first
                "training.steps=" + (WARM + PROFILED),
                "training.warmup=0",
                "training.sample_every=0",
                "training.validate_every=0",
                "training.checkpoint_every=1000",
                "training.log_every=1000"));
        changes.addAll(more);
        Path trace = folder.resolve("trace.json");
        Profiler profiler = new Profiler(trace);
        train(TrainingKind.TEXT_TO_IMAGE, folder, changes, profiler);
        print(profiler.seconds / PROFILED, operators(trace), out);
    }

    private static void train(TrainingKind kind, Path folder, List<String> changes, TrainingLoop.Watcher watcher)
            throws IOException {
        Path file = folder.resolve(kind + ".yaml");
        Files.writeString(file, kind.example());
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                Training training = kind.open(file, new StartOptions(true, changes), manager, watcher)) {
            training.run();
        }
    }

    /**
     * Seconds a step of each operator that was not called by another. The methods that operators of our own are written as
     * are none: what is in them counts, and what it takes to interpret them does not.
     */
    private static Map<String, Double> operators(Path trace) throws IOException {
        List<JsonObject> events = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(trace)) {
            JsonElement read = JsonParser.parseReader(reader);
            JsonElement all = read.isJsonArray() ? read : read.getAsJsonObject().get("traceEvents");
            for (JsonElement event : all.getAsJsonArray()) {
                JsonObject one = event.getAsJsonObject();
                if (one.has("dur")
                        && OPERATOR.matcher(one.get("name").getAsString()).find()) {
                    events.add(one);
                }
            }
        }
        events.sort(Comparator.comparingDouble(event -> event.get("ts").getAsDouble()));
        Map<String, Double> ends = new HashMap<>(); // by thread
        Map<String, Double> seconds = new HashMap<>();
        for (JsonObject event : events) {
            String thread = event.get("tid").toString();
            double start = event.get("ts").getAsDouble();
            double duration = event.get("dur").getAsDouble();
            if (start >= ends.getOrDefault(thread, 0.0)) {
                ends.put(thread, start + duration);
                seconds.merge(event.get("name").getAsString(), duration / MICROSECONDS / PROFILED, Double::sum);
            }
        }
        return seconds;
    }

    private static void print(double step, Map<String, Double> operators, PrintStream out) {
        double sum = operators.values().stream().mapToDouble(each -> each).sum();
        out.printf(Locale.ROOT, "a step %.4f s, its operators %.4f s, ratio %.3f%n", step, sum, step / sum);
        operators.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(SHOWN)
                .forEach(each -> out.printf(Locale.ROOT, "%8.4f s  %s%n", each.getValue(), each.getKey()));
    }

    private static class Quiet implements TrainingLoop.Watcher {}

    /** Turns the profiler on after the warm-up, and off at the end. */
    private static final class Profiler extends Quiet {
        private final Path trace;
        private long started;
        private double seconds;

        Profiler(Path trace) {
            this.trace = trace;
        }

        @Override
        public void stepped(long step, double loss, double rate) {
            if (step == WARM) {
                JniUtils.startProfile(false, false, false);
                started = System.nanoTime();
            } else if (step == WARM + PROFILED) {
                seconds = (System.nanoTime() - started) / NANOSECONDS;
                JniUtils.stopProfile(trace.toString());
            }
        }
    }
}
