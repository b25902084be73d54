package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;

/**
 * What a model was trained with: how much noise there is at each of its timesteps, what its network is given, and how its
 * output is read. Which levels a run visits is another matter.
 *
 * <p>Arrays are of the latents' shape, in coordinates {@code x = alpha · x0 + sigma · eps} at every {@link NoiseLevel}.
 * Where nothing else is said, a process preserves variance: {@code alpha² + sigma² = 1}. Its sampling methods are written
 * for {@code y = x / alpha = x0 + s · eps} with the noise to signal {@code s = sigma / alpha}, where the flow from noise to
 * data is {@code dy/ds = eps} (equation 1 of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>).
 */
public interface NoiseProcess {

    /** The level at which the network is told {@code timestep}, which may be fractional. */
    NoiseLevel level(double timestep);

    /** The level whose {@link NoiseLevel#ratio()} is {@code ratio}, and the timestep that the network is told there. */
    NoiseLevel ofRatio(double ratio);

    /** The level whose {@link NoiseLevel#ratio()} is {@code ratio}, as if the network were told {@code timestep} there. */
    default NoiseLevel ofRatio(double timestep, double ratio) {
        return NoiseLevel.ofRatio(timestep, ratio);
    }

    /** The noise of a level as the process's methods measure it: the sigma that users and files list. */
    default double sigma(NoiseLevel level) {
        return level.ratio();
    }

    /** The level halfway between two in λ. */
    default NoiseLevel middle(NoiseLevel from, NoiseLevel to) {
        return ofRatio(Math.sqrt(from.ratio() * to.ratio()));
    }

    /**
     * The level that an ancestral step between two levels goes down to, before fresh noise brings it up to {@code to}
     * (appendix B of Karras et al. derives the split). The network is never asked there.
     *
     * @param eta the share of the noise that the diffusion's own reverse would add: 0 for none, 1 for all of it
     */
    default NoiseLevel down(NoiseLevel from, NoiseLevel to, double eta) {
        double shrink = to.ratio() / from.ratio();
        double up = Math.min(1, eta * Math.sqrt(1 - shrink * shrink)); // times the ratio at the end
        return up == 0 ? to : ofRatio(to.timestep(), to.ratio() * Math.sqrt(1 - up * up));
    }

    /** Noises {@code x} from one level up to another with {@code noise} of N(0, 1), as the process itself does. */
    default NDArray renoise(NDArray x, NoiseLevel from, NoiseLevel to, NDArray noise) {
        double kept = to.alpha() / from.alpha();
        return x.mul(kept).add(noise.mul(added(from, to)));
    }

    /** What unit noise is multiplied by to noise data from one level up to another. */
    static double added(NoiseLevel from, NoiseLevel to) {
        double kept = to.alpha() / from.alpha() * from.sigma();
        return Math.sqrt(Math.max(0, to.sigma() * to.sigma() - kept * kept));
    }

    /** The direction of the flow that {@code p} tells, along which the methods after Karras et al. go straight. */
    default NDArray slope(Prediction p) {
        return p.eps();
    }

    /** Goes straight from one level to another along {@code slope}. */
    default NDArray along(NDArray x, NDArray slope, NoiseLevel from, NoiseLevel to) {
        double length = to.ratio() - from.ratio();
        return x.mul(to.alpha() / from.alpha()).add(slope.mul(to.alpha() * length));
    }

    /** Goes from one level to another as if the network said {@code x0} all the way: exponential in λ, in any process. */
    static NDArray towardsData(NDArray x, NDArray x0, NoiseLevel from, NoiseLevel to) {
        double shrink = to.sigma() / from.sigma();
        return x.mul(shrink).add(Ops.mul(x0, to.alpha() - from.alpha() * shrink));
    }

    /** What the network is given for latents {@code x} at {@code at}. */
    default NDArray input(NDArray x, NoiseLevel at) {
        return x;
    }

    /** Reads {@code output}, that of a network of {@code type} for latents {@code x} at {@code at}. */
    default Prediction read(PredictionType type, NDArray output, NDArray x, NoiseLevel at) {
        return type.read(output, x, at);
    }
}
