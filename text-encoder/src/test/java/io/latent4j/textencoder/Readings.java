package io.latent4j.textencoder;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Texts and what is read from them, as a test's two arguments: {@code text>reading}, blanks and quotes included. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ArgumentsSource(Readings.Pairs.class)
@interface Readings {
    String[] value();

    /** Splits them. */
    final class Pairs implements ArgumentsProvider, AnnotationConsumer<Readings> {
        private String[] lines = {};

        @Override
        public void accept(Readings readings) {
            lines = readings.value();
        }

        @Override
        public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
            return Arrays.stream(lines).map(line -> Arguments.of((Object[]) line.split(">", 2)));
        }
    }
}
