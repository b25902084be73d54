package io.latent4j.training.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.GradientDescent;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
import java.util.Map;
import java.util.Optional;

/**
 * A discriminator that learns to tell decoded images from those they were made of, while the autoencoder learns to
 * deceive it: the adversarial part of <a href="https://arxiv.org/abs/2012.09841">Esser et al. 2021</a>, section 3.1, with
 * the hinge loss. It has an optimizer of its own.
 */
public final class Adversary {
    private static final double NOT_ZERO = 1e-4;
    private static final double LARGEST = 1e4;
    private static final AdamW.Settings OPTIMIZER = new AdamW.Settings(0.5, 0.9, 1e-8, 0);

    private final Settings settings;
    private final PatchDiscriminator discriminator;
    private final Parameters parameters;
    private final GradientDescent descent;

    /**
     * How strong it is.
     *
     * @param start the first step in which it takes part
     * @param weight of the deceit, beyond the weight that makes it as strong as the reconstruction
     * @param channels of the discriminator's first layer
     * @param layers of the discriminator that halve the size
     * @param rate at which it learns
     */
    public record Settings(long start, double weight, int channels, int layers, double rate) {
        public Settings {
            if (!(weight > 0 && rate > 0 && Double.isFinite(weight) && Double.isFinite(rate))) {
                throw new IllegalArgumentException("the discriminator's weight is " + weight + " and its rate " + rate
                        + "; expected each above 0");
            }
        }
    }

    /** An adversary that has learned nothing. No scope may be open; {@code manager} owns its arrays. */
    public Adversary(Settings settings, NDManager manager, long seed) {
        this.settings = settings;
        this.discriminator = new PatchDiscriminator(settings.channels, settings.layers);
        Initialization.fill(discriminator, manager, seed);
        this.parameters = Parameters.of(ImmutableMap.of("discriminator", discriminator));
        this.descent = new GradientDescent(parameters, OPTIMIZER, Optional.empty());
    }

    /** Whether it takes part in step {@code step}. */
    boolean plays(long step) {
        return step >= settings.start;
    }

    /** How far from deceived it is, a scalar: minus the mean verdict on {@code decoded}. It learns nothing from that. */
    public NDArray deceit(NDArray decoded) {
        descent.freeze(true);
        try {
            return discriminator.forward(Pass.inference(), decoded).mean().neg();
        } finally {
            descent.freeze(false);
        }
    }

    /**
     * What to multiply {@code deceit} with, so that it moves the decoder's last layer as much as {@code reconstruction}
     * does, times the weight: equation 7. A number, not recorded.
     */
    double balance(NDArray reconstruction, NDArray deceit, NDArray lastLayer) {
        double wanted = norm(Ops.gradient(reconstruction, lastLayer));
        double found = norm(Ops.gradient(deceit, lastLayer));
        return settings.weight * Math.min(LARGEST, wanted / (found + NOT_ZERO));
    }

    private static double norm(NDArray gradient) {
        return Math.sqrt(gradient.square().sum().getFloat());
    }

    /**
     * Takes in a batch, and learns once all of a step's are in. Called outside of gradients.
     *
     * @param last whether the batch is the step's last
     * @param share of the step that the batch is
     * @return its loss, a scalar
     */
    NDArray learn(NDArray images, NDArray decoded, double share, boolean last) {
        Objective.Loss made = descent.add(false, share, pass -> {
            NDArray drawn = discriminator.forward(pass, images.stopGradient());
            NDArray given = discriminator.forward(pass, decoded.stopGradient());
            NDArray hinge = Ops.div(hinge(drawn.neg()).add(hinge(given)), 2);
            return new Objective.Loss(hinge, Map.of());
        });
        if (last) {
            descent.step(settings.rate);
        }
        return made.total();
    }

    /** max(0, 1 + x), on average. */
    private static NDArray hinge(NDArray x) {
        return Ops.maximum(x.add(1), 0).mean();
    }

    /** Its parameters and its optimizer's memory, to be stored and to be written into. */
    Map<String, NDArray> state() {
        return ImmutableMap.<String, NDArray>builder()
                .putAll(parameters.arrays())
                .putAll(descent.state())
                .buildOrThrow();
    }
}
