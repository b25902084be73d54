package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;

/** Which equation of the diffusion DPM-Solver solves, and for which of the network's outputs. */
public enum DpmAlgorithm {
    /** The ordinary one, for eps: <a href="https://arxiv.org/abs/2206.00927">Lu et al. 2022</a>. */
    DPM_SOLVER,
    /** The ordinary one, for x0: <a href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</a>. */
    DPM_SOLVER_PLUS_PLUS,
    /** The stochastic one, for eps. */
    SDE_DPM_SOLVER,
    /** The stochastic one, for x0: appendix A of the DPM-Solver++ paper. */
    SDE_DPM_SOLVER_PLUS_PLUS;

    boolean isOfData() {
        return this == DPM_SOLVER_PLUS_PLUS || this == SDE_DPM_SOLVER_PLUS_PLUS;
    }

    boolean isStochastic() {
        return this == SDE_DPM_SOLVER || this == SDE_DPM_SOLVER_PLUS_PLUS;
    }

    ExponentialStep step(NoiseLevel from, NoiseLevel to) {
        return switch (this) {
            case DPM_SOLVER -> ExponentialStep.ofNoise(from, to);
            case DPM_SOLVER_PLUS_PLUS -> ExponentialStep.ofData(from, to, 0);
            case SDE_DPM_SOLVER -> ExponentialStep.ofNoiseSde(from, to);
            case SDE_DPM_SOLVER_PLUS_PLUS -> ExponentialStep.ofData(from, to, 1);
        };
    }

    /** The output to solve for. Noise is what x0 leaves of {@code x}, so that it follows an x0 that was clipped. */
    NDArray output(Prediction p, NDArray x, NoiseLevel at) {
        return isOfData() ? p.x0() : at.eps(x, p.x0());
    }

    /**
     * Half of what {@code step} weighs the coefficient of power 2 with. In the stochastic solver for x0 the reference
     * implementation has −½ where the expansion has +½; so has this, to give its numbers.
     */
    double halfCurvature(ExponentialStep step) {
        double half = step.moment(2) / 2;
        return this == SDE_DPM_SOLVER_PLUS_PLUS ? half - step.scale() * step.h() * step.h() : half;
    }
}
