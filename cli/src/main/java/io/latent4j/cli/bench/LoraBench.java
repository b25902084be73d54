package io.latent4j.cli.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.sun.management.OperatingSystemMXBean;
import io.latent4j.cli.doctor.DeviceCheck;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.LoraAlgorithm;
import io.latent4j.lora.LoraDesign;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.model.sd.StableDiffusionFamily;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.GradientDescent;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Times the training of an adapter of a full-size model's attention, one image a step, beside forward passes of the same
 * process in turn. The image and its text are encoded first, as a run does, and stages are computed anew for their
 * gradient.
 *
 * @param rank of the adapter
 * @param runs timed steps, after one that is not
 */
record LoraBench(FullSizeModel model, int width, int height, int rank, int runs) {
    private static final double RATE = 1e-4;

    private AdaptableModel adaptable() {
        return new AdaptableModel(new StableDiffusionFamily().adapterNames(), Map.of(LoraPart.UNET, model.unet()));
    }

    /** Runs everything; {@code log} hears what is being done. */
    JsonObject run(Consumer<String> log) {
        int before = model.manager().getManagedArrays().size();
        JsonObject json = new JsonObject();
        json.addProperty("size", width + "x" + height);
        json.addProperty("device", DeviceCheck.name(model.manager().getDevice()));
        json.addProperty("data_type", model.precision().toString());
        json.addProperty("rank", rank);
        log.accept("encoders");
        double encoding = Bench.seconds(this::encode);
        NativeHeap.trim();
        LoraDesign design = new LoraDesign(
                LoraAlgorithm.LORA, rank, rank, false, false, Map.of(LoraPart.UNET, LoraDesign.UNET_ATTENTION));
        try (TrainableLora lora = TrainableLora.create("bench", design, adaptable(), 0, model.manager())) {
            Parameters parameters = Parameters.ofArrays(lora.arrays());
            json.addProperty("layers", lora.size());
            json.addProperty("trained_numbers", parameters.count());
            json.addProperty("encoding_seconds", Bench.rounded(encoding));
            time(lora, new GradientDescent(parameters, AdamW.Settings.DEFAULT, Optional.of(1.0)), json, log);
        }
        json.addProperty("weights_bytes", model.bytes());
        Bench.add(json, "peak_resident_bytes", ResidentMemory.peak());
        ResidentMemory.peak().ifPresent(peak -> json.addProperty("peak_above_weights_bytes", peak - model.bytes()));
        json.addProperty("arrays_before", before);
        json.addProperty("arrays_after", model.manager().getManagedArrays().size());
        return json;
    }

    private void time(TrainableLora lora, GradientDescent descent, JsonObject json, Consumer<String> log) {
        double[] forwards = new double[runs + 1];
        double[] steps = new double[runs + 1];
        double[] ratios = new double[runs + 1];
        double[] work = new double[runs + 1]; // in time of the processor, which other programs do not add to
        for (int i = 0; i <= runs; i++) { // in turn, because a shared machine's speed drifts
            log.accept(
                    "forward pass and the training step" + (i == 0 ? ", once to warm up" : ", " + i + " of " + runs));
            double begun = processorTime();
            forwards[i] = Bench.seconds(this::forward);
            double half = processorTime();
            steps[i] = Bench.seconds(() -> step(lora, descent));
            ratios[i] = steps[i] / forwards[i];
            work[i] = (processorTime() - half) / (half - begun);
        }
        json.addProperty("forward_seconds", Bench.rounded(Bench.medianButFirst(forwards)));
        json.addProperty("step_seconds", Bench.rounded(Bench.medianButFirst(steps)));
        json.addProperty("step_in_forward_passes", Bench.rounded(Bench.medianButFirst(ratios)));
        if (work[0] > 0) {
            json.addProperty("step_in_forward_passes_of_processor_time", Bench.rounded(Bench.medianButFirst(work)));
        }
    }

    /** Nanoseconds that processors have worked for this program; a constant where the system does not say. */
    private static double processorTime() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    @SuppressWarnings("try")
    private void encode() {
        try (NDManager manager = model.manager().newSubManager();
                NDScope scope = new NDScope()) {
            NDArray ids = manager.zeros(new Shape(1, RandomInput.WORDS), DataType.INT64);
            for (ClipTextModel encoder : model.textEncoders()) {
                Bench.finish(encoder.forward(Pass.inference(), ids).last());
            }
            NDArray image = manager.randomNormal(new Shape(1, 3, height, width));
            Bench.finish(model.vae().encode(Pass.inference(), image).mean());
        }
    }

    private RandomInput input(NDManager manager) {
        return RandomInput.of(model, model.codec().latentShape(1, width, height), manager);
    }

    @SuppressWarnings("try")
    private void forward() {
        try (NDManager manager = model.manager().newSubManager();
                NDScope scope = new NDScope()) {
            Bench.finish(input(manager).through(model, Pass.inference()));
        }
    }

    @SuppressWarnings("try")
    private void step(TrainableLora lora, GradientDescent descent) {
        try (NDManager manager = model.manager().newSubManager();
                NDScope scope = new NDScope()) {
            RandomInput input = input(manager);
            NDArray noise = manager.randomNormal(input.latents().getShape());
            Objective.Loss loss = descent.add(true, 1, pass -> {
                Pass adapted = pass.withAdapters(List.of(lora.recorded(0, () -> 0)));
                NDArray answer = Ops.cast(input.through(model, adapted), DataType.FLOAT32);
                return new Objective.Loss(answer.sub(noise).square().mean(), Map.of());
            });
            Bench.finish(loss.total());
        }
        descent.step(RATE);
    }
}
