package io.latent4j.cli.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.cli.doctor.DeviceCheck;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.textencoder.ClipTextModel;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Times a full-size model: its parts as a guided run uses them, beside a product of matrices in the same process, which
 * is the practical ceiling of the machine.
 *
 * @param runs timed passes of each part, after one that is not
 * @param steps of the run whose time is put together from the parts'
 */
record Bench(FullSizeModel model, int width, int height, int runs, int steps) {
    private static final int CEILING_SIDE = 2048;
    private static final int CEILING_RUNS = 5;
    private static final int GUIDED = 2; // unconditional and conditional

    /** Runs everything; {@code log} hears what is being done. */
    JsonObject run(Consumer<String> log) {
        int before = model.manager().getManagedArrays().size();
        log.accept("text encoder");
        double text = median(this::encodeText);
        log.accept("denoising steps");
        double[] ceilings = new double[runs + 1];
        double[] times = new double[runs + 1];
        for (int i = 0; i <= runs; i++) { // side by side, because a shared machine's speed drifts
            ceilings[i] = ceiling();
            times[i] = seconds(this::denoise);
        }
        double step = median(Arrays.copyOfRange(times, 1, times.length));
        double ceiling = median(Arrays.copyOfRange(ceilings, 1, ceilings.length));
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
        json.addProperty("matrix_product_tflop_per_second", rounded(ceiling * 1e-12));
        json.addProperty("step_share_of_matrix_product", rounded(work / step / ceiling));
        json.addProperty("steps_an_image", steps);
        json.addProperty("images_per_second", rounded(1 / (GUIDED * text + steps * step + decode)));
        json.addProperty("weights_bytes", model.bytes());
        add(json, "peak_resident_bytes", ResidentMemory.peak());
        ResidentMemory.peak().ifPresent(peak -> json.addProperty("peak_above_weights_bytes", peak - model.bytes()));
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

    /** Floating-point operations a second of a product of square matrices. */
    private double ceiling() {
        try (NDManager manager = model.manager().newSubManager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray a = Ops.cast(
                    manager.randomNormal(new Shape(CEILING_SIDE, CEILING_SIDE)),
                    model.precision().compute());
            double fastest = Double.POSITIVE_INFINITY;
            for (int i = 0; i < CEILING_RUNS; i++) {
                fastest = Math.min(fastest, seconds(() -> finish(a.matMul(a))));
            }
            return 2.0 * CEILING_SIDE * CEILING_SIDE * CEILING_SIDE / fastest;
        }
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
