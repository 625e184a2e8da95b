package consumer;

import dev.mlit.Mlit;
import dev.mlit.savedmodel.Classifier;
import java.nio.file.Path;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Classifies the pictures that are named, with a model that lies in the jar. */
@SpringBootApplication
public class Service {
  public static void main(String[] args) {
    Mlit.tuneProcess();
    SpringApplication.run(Service.class, args);
  }

  /** One for the process, used by all threads, closed at its end. */
  @Bean
  Classifier classifier() {
    return Classifier.loadResource(
        Service.class.getClassLoader(), "models/pictures", options -> {});
  }

  @Bean
  CommandLineRunner answers(Classifier classifier) {
    return pictures -> {
      for (String picture : pictures) {
        System.out.println(classifier.classify(Path.of(picture), 1).get(0));
      }
    };
  }
}
