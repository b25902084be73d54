package io.latent4j.spring.autoconfigure;

import io.latent4j.core.engine.EngineMissingException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which dependency an application that cannot start for want of native libraries lacks. */
final class EngineMissingFailureAnalyzer extends AbstractFailureAnalyzer<EngineMissingException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, EngineMissingException cause) {
        return new FailureAnalysis(
                "latent4j makes no images here: " + cause.found() + ".",
                Character.toUpperCase(cause.cure().charAt(0)) + cause.cure().substring(1) + ".",
                cause);
    }
}
