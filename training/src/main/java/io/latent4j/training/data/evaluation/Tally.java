package io.latent4j.training.data.evaluation;

import io.latent4j.training.data.scenes.Fact;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** How many of some images are right, and in what. */
public record Tally(List<Judged> images) {

    public Tally {
        images = List.copyOf(images);
    }

    /** The images of captions of so many figures. */
    public Tally of(int figures) {
        return new Tally(images.stream()
                .filter(judged -> judged.scene().things().size() == figures)
                .toList());
    }

    /** The share in which every fact is right, 0 to 1; nothing where there are no images. */
    public OptionalDouble allRight() {
        return share(images, judged -> judged.check().allRight());
    }

    /** The share in which one fact is right, of the images whose caption says it. */
    public OptionalDouble right(Fact fact) {
        return share(
                images.stream().filter(judged -> fact.isSaidBy(judged.scene())).toList(),
                judged -> judged.check().right(fact));
    }

    private static OptionalDouble share(Collection<Judged> of, Predicate<Judged> right) {
        return of.stream().mapToInt(judged -> right.test(judged) ? 1 : 0).average();
    }
}
