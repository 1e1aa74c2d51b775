//! Is one run better than another, or was it luck? Two paired tests over the topics' differences,
//! as Smucker, Allan and Carterette compare them (CIKM 2007): Student's t, and the randomization
//! test, which assumes no distribution.

mod beta;
mod randomization;
mod t_test;

pub use randomization::randomization_test;
pub use t_test::{TTest, paired_t_test};
