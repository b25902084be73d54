package io.latent4j.cli.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.cli.doctor.DeviceCheck;
import io.latent4j.core.engine.OperatorTimes;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.textencoder.ClipTextModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Times a full-size model: its parts as a guided run uses them, beside products of matrices in the same process, which
 * are the practical ceiling of the machine.
 *
 * @param runs timed passes of each part, after one that is not
 * @param steps of the run whose time is put together from the parts'
 * @param profile whether a step and a decode are also done under libtorch's profiler, to tell where their time goes
 */
record Bench(FullSizeModel model, int width, int height, int runs, int steps, boolean profile) {
    private static final int GUIDED = 2; // unconditional and conditional

    /** Runs everything; {@code log} hears what is being done. */
    JsonObject run(Consumer<String> log) throws IOException {
        int before = model.manager().getManagedArrays().size();
        log.accept("text encoder");
        double text = median(this::encodeText);
        log.accept("denoising steps");
        Ceiling ceiling = new Ceiling(model.manager(), model.precision().compute(), runs + 1);
        double[] times = new double[runs + 1];
        for (int i = 0; i <= runs; i++) { // side by side, because a shared machine's speed drifts
            ceiling.measure();
            times[i] = seconds(this::denoise);
        }
        double step = medianButFirst(times);
        NativeHeap.trim();
        log.accept("decoder");
        double decode = median(this::decode);
        double work =
                GUIDED * UNetWork.of(model.unet(), latents(1).get(2), latents(1).get(3), RandomInput.WORDS);

        JsonObject json = new JsonObject();
        json.addProperty("size", width + "x" + height);
        json.addProperty("device", DeviceCheck.name(model.manager().getDevice()));
        json.addProperty("data_type", model.precision().toString());
        json.addProperty("text_seconds", rounded(text));
        json.addProperty("step_seconds", rounded(step));
        json.addProperty(
                "step_seconds_fastest", rounded(Arrays.stream(times).min().orElseThrow()));
        json.addProperty("decode_seconds", rounded(decode));
        json.addProperty("step_tflop", rounded(work * 1e-12));
        json.addProperty("step_tflop_per_second", rounded(work / step * 1e-12));
        ceiling.addTo(json);
        json.addProperty("step_share_of_matrix_product", rounded(work / step / ceiling.best()));
        json.addProperty("steps_an_image", steps);
        json.addProperty("images_per_second", rounded(1 / (GUIDED * text + steps * step + decode)));
        json.addProperty("weights_bytes", model.bytes());
        add(json, "peak_resident_bytes", ResidentMemory.peak());
        ResidentMemory.peak().ifPresent(peak -> json.addProperty("peak_above_weights_bytes", peak - model.bytes()));
        if (profile) { // after the peak of memory is read, as the profiler's notes take some
            log.accept("operators of a step and of a decode");
            json.add("step_by_operator", shares(OperatorTimes.of(this::denoise)));
            json.add("decode_by_operator", shares(OperatorTimes.of(this::decode)));
        }
        json.addProperty("arrays_before", before);
        json.addProperty("arrays_after", model.manager().getManagedArrays().size());
        return json;
    }

    static void add(JsonObject json, String key, OptionalLong value) {
        value.ifPresent(v -> json.addProperty(key, v));
    }

    static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
    }

    private Shape latents(int images) {
        return model.codec().latentShape(images, width, height);
    }

    /** Seconds of each kind of operator, and its share of the whole. */
    private static JsonObject shares(OperatorTimes times) {
        JsonObject json = new JsonObject();
        json.addProperty("seconds", rounded(times.seconds()));
        times.byKind().forEach((kind, seconds) -> add(json, kind.name().toLowerCase(Locale.ROOT), seconds, times));
        add(json, "rest", times.rest(), times);
        return json;
    }

    private static void add(JsonObject json, String part, double seconds, OperatorTimes times) {
        json.addProperty(part + "_seconds", rounded(seconds));
        json.addProperty(part + "_share", rounded(seconds / times.seconds()));
    }

    private void encodeText() {
        inScope(manager -> {
            NDArray ids = manager.zeros(new Shape(1, RandomInput.WORDS), DataType.INT64);
            for (ClipTextModel encoder : model.textEncoders()) {
                finish(encoder.forward(Pass.inference(), ids).last());
            }
        });
    }

    private void denoise() {
        inScope(manager ->
                finish(RandomInput.of(model, latents(GUIDED), manager).through(model, Pass.inference())));
    }

    private void decode() {
        inScope(manager -> {
            finish(model.vae().decode(Pass.inference(), manager.randomNormal(latents(1))));
        });
    }

    private void inScope(Consumer<NDManager> work) {
        try (NDManager manager = model.manager().newSubManager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            work.accept(manager);
        }
    }

    /** Waits for the device to be done with {@code result}. */
    static void finish(NDArray result) {
        if (!Float.isFinite(Ops.cast(result.sum(), DataType.FLOAT32).getFloat())) {
            throw new IllegalStateException("a result is not finite; try data type float32");
        }
    }

    private double median(Runnable work) {
        work.run();
        double[] times = new double[runs];
        Arrays.setAll(times, i -> seconds(work));
        return median(times);
    }

    static double medianButFirst(double[] values) {
        return median(Arrays.copyOfRange(values, 1, values.length));
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) * 1e-9;
    }
}
