package io.latent4j.pipeline.files;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A family of models as far as their files go: what opens them is {@code pipeline.model.ModelFamily}, which is one of these.
 * A family is registered by a line with its class name in {@code META-INF/services/io.latent4j.pipeline.files.ModelKind} of
 * its module; the class has a public constructor without parameters and no state.
 */
public interface ModelKind {
    /** What a folder says of its model as a whole. */
    String INDEX = "model_index.json";

    /** What to call the family. */
    String title();

    /** The values of {@code _class_name} in {@code model_index.json} that are this family's. */
    Set<String> classNames();

    /** What its models' folders with weights are called. */
    default Set<String> parts() {
        return names(SingleFileLayout::parts);
    }

    /** What its models' folders with tokenizers are called. */
    default Set<String> tokenizers() {
        return names(SingleFileLayout::tokenizers);
    }

    private Set<String> names(Function<SingleFileLayout, List<String>> kind) {
        return singleFiles().stream()
                .flatMap(layout -> kind.apply(layout).stream())
                .collect(Collectors.toSet());
    }

    /** How its models lie in single files; none if there are no such files. */
    default List<SingleFileLayout> singleFiles() {
        return List.of();
    }
}
