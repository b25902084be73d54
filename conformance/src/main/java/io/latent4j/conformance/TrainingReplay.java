package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.ForwardProcess;
import io.latent4j.training.autoencoder.AutoencoderLoss;
import io.latent4j.training.diffusion.DiffusionLoss;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.Ema;
import io.latent4j.training.optimizer.GradientDescent;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNet2DModel;
import io.latent4j.unet.UNetInput;
import io.latent4j.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Training: losses and gradients of one batch, parameters after steps of AdamW, averages of parameters. The models are the
 * case's own, because it changes them.
 *
 * <p>The losses of an optimizer's steps have no tolerance of their own: a relative 1e-5 is taken.
 */
final class TrainingReplay {
    private static final String GRADIENT = "out.grad.";
    private static final Tolerance LOSS = new Tolerance(0, 1e-5);
    private static final Tolerance DECAY = new Tolerance(1e-12, 0);

    private TrainingReplay() {}

    /** A network to train: its parameters, and what it does. */
    private record Trained(Parameters parameters, DiffusionLoss.Network network) {}

    /** One batch of a diffusion model. */
    @SuppressWarnings("try")
    static void step(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("latents", "image", "noise", "timesteps", "encoder_hidden_states"));
        Trained trained = trained(file);
        GradientDescent descent = new GradientDescent(trained.parameters(), AdamW.Settings.DEFAULT, Optional.empty());
        try (NDScope scope = new NDScope()) {
            Map<String, NDArray> got = new HashMap<>();
            DiffusionLoss loss = diffusionLoss(file);
            int[] timesteps = timesteps(file);
            NDArray x0 = x0(file);
            NDArray noise = file.in("noise");
            descent.add(false, 1, pass -> {
                DiffusionLoss.Terms terms = loss.of(trained.network(), x0, noise, timesteps);
                got.put("out.noisy", terms.noisy());
                got.put("out.target", terms.target());
                got.put("out.pred", terms.answer());
                got.put("out.loss", scalar(terms.losses().mean()));
                return new Objective.Loss(terms.losses().mean(), Map.of());
            });
            got.put("out.grad_norm", file.manager().create(new float[] {(float) descent.norm()}));
            got.put("out.snr", snr(file, loss.process(), timesteps));
            if (loss.minSnrGamma().isPresent()) {
                got.put(
                        "out.weights",
                        loss.process()
                                .minSnrWeights(
                                        x0, loss.type(), loss.minSnrGamma().get(), timesteps)
                                .flatten());
            }
            got.putAll(gradients(trained.parameters()));
            file.compare(comparison, got, Set.of());
        }
    }

    /** Some batches, a step of the optimizer after each. */
    @SuppressWarnings("try")
    static void optimizer(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("latents", "noise", "timesteps", "encoder_hidden_states"));
        if (!file.text("optimizer").equals("AdamW")) {
            throw new NotCovered("optimizer " + file.text("optimizer"));
        }
        JsonArray betas = file.scalars().getAsJsonArray("betas");
        AdamW.Settings settings = new AdamW.Settings(
                betas.get(0).getAsDouble(),
                betas.get(1).getAsDouble(),
                file.number("eps", 0),
                file.number("weight_decay", 0));
        double clip = file.number("clip_grad_norm", 0);
        Trained trained = trained(file);
        GradientDescent descent =
                new GradientDescent(trained.parameters(), settings, clip > 0 ? Optional.of(clip) : Optional.empty());
        DiffusionLoss loss = diffusionLoss(file);
        int[] timesteps = timesteps(file);
        JsonArray losses = file.scalars().getAsJsonArray("losses");
        Map<String, NDArray> got = new HashMap<>();
        for (int step = 1; step <= losses.size(); step++) {
            try (NDScope scope = new NDScope()) {
                NDArray x0 = x0(file);
                NDArray noise = file.in("noise");
                Objective.Loss made = descent.add(
                        false,
                        1,
                        pass -> new Objective.Loss(
                                loss.of(trained.network(), x0, noise, timesteps)
                                        .losses()
                                        .mean(),
                                Map.of()));
                double expected = losses.get(step - 1).getAsDouble();
                comparison.number("losses", made.total().getFloat(), expected, LOSS);
            }
            descent.step(file.number("lr", 0));
            String prefix = "out.step" + step + ".";
            trained.parameters()
                    .arrays()
                    .forEach((name, array) ->
                            got.put(prefix + name, array.stopGradient().duplicate()));
        }
        file.compare(comparison, got, Set.of());
    }

    /** Averages of one parameter as it changes, under several settings. */
    static void ema(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("params"));
        Map<String, NDArray> got = new HashMap<>();
        for (JsonElement element : file.scalars().getAsJsonArray("sequences")) {
            JsonObject sequence = element.getAsJsonObject();
            Ema.Decay decay = decay(sequence.getAsJsonObject("settings"));
            JsonArray shares = sequence.getAsJsonArray("decay_per_step");
            for (int step = 1; step <= shares.size(); step++) {
                double expected = shares.get(step - 1).getAsDouble();
                comparison.number("decay_per_step", decay.at(step), expected, DECAY);
            }
            got.put("out." + sequence.get("index").getAsInt(), averages(file, decay));
        }
        file.compare(comparison, got, Set.of());
    }

    private static Ema.Decay decay(JsonObject settings) {
        Config json = Config.of("settings", settings);
        return new Ema.Decay(
                json.real("decay", 0.9999),
                json.real("min_decay", 0),
                json.integer("update_after_step", 0),
                json.flag("use_ema_warmup", false),
                json.real("inv_gamma", 1),
                json.real("power", 2.0 / 3));
    }

    /** The average after each step, one above the other. */
    private static NDArray averages(CaseFile file, Ema.Decay decay) throws IOException {
        NDArray params = file.in("params");
        Map<String, NDArray> arrays = Map.of("parameter", params.get(0).duplicate());
        Parameters parameters = Parameters.ofArrays(arrays);
        NDArray parameter = arrays.get("parameter");
        Ema ema = new Ema(parameters, decay);
        NDArray[] after = new NDArray[Math.toIntExact(params.getShape().get(0)) - 1];
        for (int step = 1; step <= after.length; step++) {
            ParameterOps.copy(List.of(parameter), List.of(params.get(step)));
            ema.update(step);
            int place = step - 1;
            ema.during(
                    () -> after[place] = parameter.stopGradient().expandDims(0).duplicate());
        }
        return Arrays.stream(after).reduce(NDArray::concat).orElseThrow();
    }

    /** One batch of an autoencoder. */
    @SuppressWarnings("try")
    static void autoencoder(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("image", "noise"));
        AutoencoderKL vae = AutoencoderKL.load(file.component(), file.manager(), Precision.FLOAT32);
        Parameters parameters = parameters(vae);
        GradientDescent descent = new GradientDescent(parameters, AdamW.Settings.DEFAULT, Optional.empty());
        boolean absolute = file.text("reconstruction").equals("l1");
        AutoencoderLoss loss = new AutoencoderLoss(absolute ? 1 : 0, absolute ? 0 : 1, file.number("kl_weight", 0));
        try (NDScope scope = new NDScope()) {
            NDArray images = file.in("image");
            NDArray noise = file.in("noise");
            Map<String, NDArray> got = new HashMap<>();
            descent.add(false, 1, pass -> {
                AutoencoderLoss.Terms terms = loss.of(pass, vae, images, noise);
                got.put("out.loss", scalar(terms.total()));
                got.put("out.kl_per_sample", terms.kl());
                got.put("out.l1", scalar(terms.l1()));
                got.put("out.l2", scalar(terms.l2()));
                got.put("out.recon", terms.decoded());
                got.put("out.nll_mean_latent", terms.latents().nll(noise));
                return new Objective.Loss(terms.total(), Map.of());
            });
            got.putAll(gradients(parameters));
            file.compare(comparison, got, Set.of());
        }
    }

    private static Trained trained(CaseFile file) throws IOException {
        Config config = Config.read(file.component().resolve("config.json"));
        String className = config.text("_class_name", "");
        NDManager manager = file.manager();
        switch (className) {
            case "UNet2DConditionModel" -> {
                UNet2DConditionModel unet = UNet2DConditionModel.load(file.component(), manager, Precision.FLOAT32);
                NDArray context = file.in("encoder_hidden_states");
                return new Trained(
                        parameters(unet),
                        (noisy, times) -> unet.forward(Pass.inference(), UNetInput.of(noisy, times, context)));
            }
            case "UNet2DModel" -> {
                UNet2DModel unet = UNet2DModel.load(file.component(), manager, Precision.FLOAT32);
                return new Trained(parameters(unet), (noisy, times) -> unet.forward(Pass.inference(), noisy, times));
            }
            default -> throw new NotCovered("class " + className);
        }
    }

    private static Parameters parameters(NamedBlock block) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        block.getParameters()
                .forEach(entry -> arrays.put(entry.getKey(), entry.getValue().getArray()));
        return Parameters.ofArrays(arrays);
    }

    /** With the settings of the case, or the model's own scheduler where it has none. */
    private static DiffusionLoss diffusionLoss(CaseFile file) throws IOException {
        JsonObject scalars = file.scalars();
        Path own = file.model().resolve("scheduler").resolve("scheduler_config.json");
        JsonObject scheduler = scalars.has("scheduler")
                ? scalars.getAsJsonObject("scheduler").deepCopy()
                : Config.read(own).json();
        if (scalars.has("prediction_type")) {
            scheduler.add("prediction_type", scalars.get("prediction_type"));
        }
        double gamma = file.number("snr_gamma", 0);
        Optional<Double> minSnr = gamma > 0 ? Optional.of(gamma) : Optional.empty();
        return DiffusionLoss.of(SchedulerConfig.from(scheduler, "scheduler"), minSnr, 0.001);
    }

    private static NDArray x0(CaseFile file) throws IOException {
        Optional<NDArray> latents = file.findIn("latents");
        return latents.isPresent() ? latents.get() : file.in("image");
    }

    private static int[] timesteps(CaseFile file) throws IOException {
        return Arrays.stream(file.in("timesteps").toLongArray())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    private static NDArray snr(CaseFile file, ForwardProcess process, int... timesteps) {
        float[] snr = new float[timesteps.length];
        for (int i = 0; i < snr.length; i++) {
            snr[i] = (float) process.snr(timesteps[i]);
        }
        return file.manager().create(snr);
    }

    private static Map<String, NDArray> gradients(Parameters parameters) {
        Map<String, NDArray> gradients = new HashMap<>();
        int i = 0;
        for (String name : parameters.arrays().keySet()) {
            gradients.put(GRADIENT + name, parameters.gradients().get(i++));
        }
        return gradients;
    }

    private static NDArray scalar(NDArray number) {
        return number.reshape(new Shape(1));
    }
}
