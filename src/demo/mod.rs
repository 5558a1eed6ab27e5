//! A small live system to watch: real HTTP services that call one another through
//! real circuit breakers, each speaking another dialect of health.
