package io.latent4j.schedulers.continuous;

/** Solves an {@link Ode}. Implementations are values: {@link RungeKutta} of fixed steps, {@link DormandPrince} of its own. */
public interface OdeSolver {

    /** {@code y} at time {@code to}, which may be before {@code from}, given it at time {@code from}; a new array. */
    double[] solve(Ode ode, double from, double to, double[] y);
}
